using System.Net;
using System.Text.Json;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Json;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Http;

/// <summary>PATCH: the fields that the body names change, null included.</summary>
public sealed class PatchTests(SqliteServer server) : IClassFixture<SqliteServer>, IDisposable
{
    private readonly JsonCaller _http = new(server.Server.Http, ("x-organization-id", server.NewOrganization()));

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Fields_of_the_body_Change_and_null_clears_or_resets_them()
    {
        var path = await CreateAsync();
        var patched = await _http.PatchAsync(path, """{"description":null,"priority":null,"due_at":null,"title":"New"}""");
        Assert.Equal(HttpStatusCode.OK, patched.Status);
        Assert.False(patched.Json.TryGetProperty("description", out _));
        Assert.False(patched.Json.TryGetProperty("dueAt", out _));
        Assert.Equal(("New", 100), (patched["title"], patched.Json.GetProperty("priority").GetInt32()));
    }

    [Fact]
    public async Task A_required_field_Cannot_be_cleared()
    {
        var answer = await _http.PatchAsync(await CreateAsync(), """{"title":null}""");
        Assert.Equal((HttpStatusCode.BadRequest, "agent_task.title"), (answer.Status, Assert.Single(answer.Fields)));
    }

    [Fact]
    public async Task The_whole_resource_as_it_was_read_Can_be_sent_back_with_one_field_changed()
    {
        var path = await CreateAsync();
        var read = (await _http.GetAsync(path)).Text;
        var answer = await _http.PatchAsync(path, read.Replace("\"first\"", "\"second\"", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, "second"), (answer.Status, answer["description"]));
    }

    [Theory]
    [InlineData("""{"status":"failed","title":"b"}""", "agent_task.status")]
    [InlineData("""{"source_type":"schedule","title":"b"}""", "agent_task.source_type")]
    public async Task A_status_or_an_immutable_field_that_differs_Is_refused(string body, string field)
    {
        var answer = await _http.PatchAsync(await CreateAsync(), body);
        Assert.Equal((HttpStatusCode.BadRequest, "IMMUTABLE_FIELD"), (answer.Status, answer.Reason));
        Assert.Equal([field], answer.Fields);
    }

    [Theory]
    [InlineData("updateMask=description")]
    [InlineData("update_mask=description")]
    [InlineData("updateMask=dueAt,description")]
    [InlineData("updateMask=due_at,description")]
    public async Task A_mask_in_the_query_Counts_instead_of_the_body(string mask)
    {
        var answer = await _http.PatchAsync($"{await CreateAsync()}?{mask}", """{"title":"not named","due_at":"2031-01-01T00:00:00Z"}""");
        Assert.Equal((HttpStatusCode.OK, "Pay"), (answer.Status, answer["title"]));
        Assert.False(answer.Json.TryGetProperty("description", out _));
    }

    [Fact]
    public async Task A_repeated_patch_that_clears_a_field_Is_another_request_than_one_that_does_not()
    {
        var path = await CreateAsync();
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        await _http.PatchAsync(path, """{"title":"x","description":null}""", key);
        var again = await _http.PatchAsync(path, """{"title":"x"}""", key);
        Assert.Equal("REQUEST_ID_REUSED", again.Reason);
        var same = await _http.PatchAsync(path, """{"description":null,"title":"x"}""", key);
        Assert.Equal(HttpStatusCode.OK, same.Status);
    }

    [Fact]
    public async Task An_empty_patch_Changes_nothing()
    {
        var path = await CreateAsync();
        var (before, after) = (await _http.GetAsync(path), await _http.PatchAsync(path, "{}"));
        Assert.Equal(JsonSerializer.Serialize(before.Json), JsonSerializer.Serialize(after.Json));
    }

    private async Task<string> CreateAsync()
    {
        var created = await _http.PostAsync("/agent-tasks", """
            {"title":"Pay","taskType":"pay","sourceType":"SOURCE_TYPE_EVENT","description":"first","priority":7,
             "dueAt":"2030-01-01T00:00:00Z"}
            """);
        return $"/agent-tasks/{created["id"]}";
    }
}
