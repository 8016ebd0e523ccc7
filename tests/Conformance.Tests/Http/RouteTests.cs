using System.Net;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Json;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Http;

/// <summary>Paths, methods, content types and sizes of the HTTP port.</summary>
public sealed class RouteTests(SqliteServer server) : IClassFixture<SqliteServer>, IDisposable
{
    private const string Task = """{"title":"Pay","task_type":"pay","source_type":"event"}""";

    private readonly JsonCaller _http = new(server.Server.Http, ("x-organization-id", server.NewOrganization()));

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_path_that_is_nowhere_Is_404_and_a_method_that_a_path_has_not_is_405()
    {
        var missing = await _http.GetAsync("/agent-task");
        Assert.Equal((HttpStatusCode.NotFound, 5), (missing.Status, missing.Json.GetProperty("code").GetInt32()));
        Assert.Contains("/openapi.json", missing["message"], StringComparison.Ordinal);

        var put = await _http.SendAsync(HttpMethod.Put, "/agent-tasks", Task);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, put.Status);
        Assert.Equal(["GET", "HEAD", "OPTIONS", "POST"], put.Content.Allow.Order(StringComparer.Ordinal));
        Assert.Contains("Allow", put["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task OPTIONS_Names_the_methods_and_HEAD_is_GET_without_a_body()
    {
        var options = await _http.SendAsync(HttpMethod.Options, "/agent-tasks", null);
        Assert.Equal(HttpStatusCode.NoContent, options.Status);
        Assert.Equal(["GET", "HEAD", "OPTIONS", "POST"], options.Content.Allow.Order(StringComparer.Ordinal));

        var created = await _http.PostAsync("/agent-tasks", Task);
        var (get, head) = (await _http.GetAsync($"/agent-tasks/{created["id"]}"),
            await _http.SendAsync(HttpMethod.Head, $"/agent-tasks/{created["id"]}", null));
        Assert.Equal((HttpStatusCode.OK, ""), (head.Status, head.Text));
        Assert.Equal(get.Content.ContentLength, head.Content.ContentLength);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
    }

    [Fact]
    public async Task Answers_Name_no_server_and_are_not_cached()
    {
        var list = await _http.GetAsync("/agent-tasks");
        Assert.Empty(list.Headers.Server);
        Assert.True(list.Headers.CacheControl!.NoStore);
        Assert.Equal("application/json", list.Content.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task A_body_of_another_type_Is_415(string type)
    {
        var answer = await _http.PostAsync("/agent-tasks", Task, ("Content-Type", type));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "INVALID_FIELD"), (answer.Status, answer.Reason));
        Assert.Equal(["Content-Type"], answer.Fields);
    }

    [Fact]
    public async Task A_POST_without_a_body_Needs_the_type_as_well()
    {
        var created = await _http.PostAsync("/agent-tasks", Task);
        var bare = await _http.SendAsync(HttpMethod.Post, $"/agent-tasks/{created["id"]}:transition", null);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, bare.Status);
        var empty = await _http.PostAsync($"/agent-tasks/{created["id"]}:transition", "");
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_FIELD"), (empty.Status, empty.Reason));
        Assert.Equal(["status"], empty.Fields);
    }

    [Theory]
    [InlineData("{", "body")]
    [InlineData("[]", "body")]
    [InlineData("\"text\"", "body")]
    [InlineData("{\"title\":\"a\",\"title\":\"b\"}", "agent_task.title")]
    [InlineData("{\"title\":\"a\",\"titel\":\"b\"}", "agent_task.titel")]
    [InlineData("{\"entityId\":\"a\",\"entity_id\":\"b\"}", "agent_task.entity_id")]
    [InlineData("{\"title\":\"\\ud800\"}", "agent_task")]
    [InlineData("{\"sourceType\":\"unknown\"}", "agent_task.source_type")]
    [InlineData("{\"priority\":1.5}", "agent_task.priority")]
    [InlineData("{\"metadata\":[]}", "agent_task.metadata")]
    public async Task A_body_that_is_not_the_resource_Is_refused_by_its_field(string body, string field)
    {
        var answer = await _http.PostAsync("/agent-tasks", body);
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_FIELD"), (answer.Status, answer.Reason));
        Assert.Equal([field], answer.Fields);
    }

    [Fact]
    public async Task A_body_Reports_all_its_flaws_at_once()
    {
        var answer = await _http.PostAsync("/agent-tasks",
            """{"title":5,"nope":1,"metadata":3,"due_at":"yesterday","source_type":"evt","approvalTimeout":"1 hour"}""");
        Assert.Equal(
            ["agent_task.approval_timeout", "agent_task.due_at", "agent_task.metadata", "agent_task.nope", "agent_task.source_type",
                "agent_task.title"],
            answer.Fields.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_body_above_the_limit_Is_413()
    {
        var answer = await _http.PostAsync("/agent-tasks", $$"""{"title":"{{new string('x', 4 * 1024 * 1024)}}"}""");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "INVALID_FIELD"), (answer.Status, answer.Reason));
    }

    [Theory]
    [InlineData("/agent-tasks?nope=1", "nope")]
    [InlineData("/agent-tasks?pageSize=x", "page_size")]
    [InlineData("/agent-tasks?pageSize=1&page_size=2", "page_size")]
    [InlineData("/agent-tasks?pageSize=1&pageSize=2", "page_size")]
    [InlineData("/agent-tasks?showDeleted=maybe", "show_deleted")]
    [InlineData("/watch?kinds=nothing", "kinds[0]")]
    [InlineData("/changes?wait=soon", "wait")]
    public async Task A_query_that_is_not_the_request_Is_refused_by_its_parameter(string path, string field)
    {
        var answer = await _http.GetAsync(path);
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_FIELD"), (answer.Status, answer.Reason));
        Assert.Equal([field], answer.Fields);
    }

    [Fact]
    public async Task Thousand_ids_Fit_into_a_query()
    {
        var created = await _http.PostAsync("/agent-tasks", Task);
        var ids = string.Join('&', Enumerable.Repeat($"ids={created["id"]}", 1000));
        var answer = await _http.GetAsync($"/agent-tasks:batchGet?{ids}");
        Assert.Equal((HttpStatusCode.OK, 1000), (answer.Status, answer.Json.GetProperty("agentTasks").GetArrayLength()));
    }

    [Fact]
    public async Task An_id_in_the_body_Must_be_that_of_the_path()
    {
        var created = await _http.PostAsync("/agent-tasks", Task);
        var answer = await _http.PostAsync(
            $"/agent-tasks/{created["id"]}:transition", $$"""{"id":"{{Guid.NewGuid()}}","status":"planning"}""");
        Assert.Equal((HttpStatusCode.BadRequest, "id"), (answer.Status, Assert.Single(answer.Fields)));
    }

    [Fact]
    public async Task Answers_Are_compressed_for_callers_that_ask_and_streams_are_not()
    {
        await _http.PostAsync("/agent-tasks", Task);
        var list = await _http.GetAsync("/agent-tasks", ("Accept-Encoding", "gzip"));
        Assert.Equal(["gzip"], list.Content.ContentEncoding);
        using var watch = await _http.OpenAsync("/watch", TestContext.Current.CancellationToken, ("Accept-Encoding", "gzip"));
        Assert.Empty(watch.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Health_Answers_as_text(string path) => Assert.Equal("Healthy", (await _http.GetAsync(path)).Text);
}
