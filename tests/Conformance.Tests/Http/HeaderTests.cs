using System.Net;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Json;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Http;

/// <summary>What headers say of a request: its request_id, its etag and its deadline.</summary>
public sealed class HeaderTests(SqliteServer server) : IClassFixture<SqliteServer>, IDisposable
{
    private const string Task = """{"title":"Pay","task_type":"pay","source_type":"event"}""";

    private readonly JsonCaller _http = new(server.Server.Http, ("x-organization-id", server.NewOrganization()));

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("{0}")]
    [InlineData("\"{0}\"")]
    public async Task An_idempotency_key_Is_the_request_id(string form)
    {
        var id = Guid.NewGuid().ToString();
        var key = ("Idempotency-Key", string.Format(System.Globalization.CultureInfo.InvariantCulture, form, id));
        var first = await _http.PostAsync("/agent-tasks", Task, key);
        var second = await _http.PostAsync("/agent-tasks", Task, key);
        var third = await _http.PostAsync($"/agent-tasks?request_id={id}", Task);
        Assert.Equal(first["id"], second["id"]);
        Assert.Equal(first["id"], third["id"]);
        var other = await _http.PostAsync("/agent-tasks", Task.Replace("Pay", "Other", StringComparison.Ordinal), key);
        Assert.Equal((HttpStatusCode.BadRequest, "REQUEST_ID_REUSED"), (other.Status, other.Reason));
    }

    [Theory]
    [InlineData("order-17")]
    [InlineData("\"")]
    [InlineData("\"\"")]
    public async Task An_idempotency_key_that_is_no_UUID_Is_refused(string key)
    {
        var answer = await _http.PostAsync("/agent-tasks", Task, ("Idempotency-Key", key));
        Assert.Equal((HttpStatusCode.BadRequest, "Idempotency-Key"), (answer.Status, Assert.Single(answer.Fields)));
    }

    [Fact]
    public async Task An_idempotency_key_that_differs_from_the_request_id_Is_refused()
    {
        var answer = await _http.PostAsync(
            $"/agent-tasks?requestId={Guid.NewGuid()}", Task, ("Idempotency-Key", Guid.NewGuid().ToString()));
        Assert.Equal((HttpStatusCode.BadRequest, "Idempotency-Key"), (answer.Status, Assert.Single(answer.Fields)));
    }

    [Fact]
    public async Task If_Match_Is_the_etag_and_a_stale_one_is_412()
    {
        var created = await _http.PostAsync("/agent-tasks", Task);
        var (path, etag) = ($"/agent-tasks/{created["id"]}", created.Headers.ETag!.Tag);
        Assert.Equal($"\"{created["etag"]}\"", etag);

        var changed = await _http.PatchAsync(path, """{"title":"A"}""", ("If-Match", etag));
        Assert.Equal(HttpStatusCode.OK, changed.Status);
        var byHeader = await _http.PatchAsync(path, """{"title":"B"}""", ("If-Match", etag));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "ETAG_MISMATCH"), (byHeader.Status, byHeader.Reason));
        var byBody = await _http.PatchAsync(path, $$"""{"title":"B","etag":"{{created["etag"]}}"}""");
        Assert.Equal((HttpStatusCode.Conflict, "ETAG_MISMATCH"), (byBody.Status, byBody.Reason));

        Assert.Equal(HttpStatusCode.OK, (await _http.PatchAsync(path, """{"title":"C"}""", ("If-Match", "*"))).Status);
        var verb = await _http.PostAsync($"{path}:transition", """{"status":"PLANNING"}""", ("If-Match", etag));
        Assert.Equal(HttpStatusCode.PreconditionFailed, verb.Status);
        var delete = await _http.SendAsync(HttpMethod.Delete, path, null, ("If-Match", etag));
        Assert.Equal(HttpStatusCode.PreconditionFailed, delete.Status);
    }

    [Theory]
    [InlineData("W/\"a\"")]
    [InlineData("\"a\", \"b\"")]
    [InlineData("a")]
    [InlineData("\"\"")]
    public async Task If_Match_with_a_weak_etag_or_a_list_Is_refused(string etag)
    {
        var created = await _http.PostAsync("/agent-tasks", Task);
        var answer = await _http.PatchAsync($"/agent-tasks/{created["id"]}", """{"title":"A"}""", ("If-Match", etag));
        Assert.Equal((HttpStatusCode.BadRequest, "If-Match"), (answer.Status, Assert.Single(answer.Fields)));
    }

    [Fact]
    public async Task If_Match_that_differs_from_the_body_Is_refused()
    {
        var created = await _http.PostAsync("/agent-tasks", Task);
        var answer = await _http.PatchAsync(
            $"/agent-tasks/{created["id"]}", """{"title":"A","etag":"x"}""", ("If-Match", created.Headers.ETag!.Tag));
        Assert.Equal((HttpStatusCode.BadRequest, "If-Match"), (answer.Status, Assert.Single(answer.Fields)));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1s")]
    [InlineData("1e3")]
    [InlineData("NaN")]
    public async Task A_timeout_that_is_no_number_of_seconds_Is_refused(string seconds)
    {
        var answer = await _http.GetAsync("/agent-tasks", ("X-Request-Timeout", seconds));
        Assert.Equal((HttpStatusCode.BadRequest, "X-Request-Timeout"), (answer.Status, Assert.Single(answer.Fields)));
    }

    [Fact]
    public async Task A_timeout_Ends_a_call_with_504()
    {
        var answer = await _http.GetAsync("/changes?wait=60s&ids=" + Guid.NewGuid(), ("X-Request-Timeout", "0.000001"));
        Assert.Equal((HttpStatusCode.GatewayTimeout, 4), (answer.Status, answer.Json.GetProperty("code").GetInt32()));
        // A claim ends its wait by itself, half a second before the deadline.
        var empty = await _http.PostAsync(
            "/work:claimNext", """{"kind":"agent_task","worker":"w","wait":"60s"}""", ("X-Request-Timeout", "1.5"));
        Assert.Equal(HttpStatusCode.OK, empty.Status);
    }

    [Fact]
    public async Task A_rate_limit_Is_429_with_the_seconds_to_wait()
    {
        using var folder = new TemporaryFolder();
        await using var limited = await TestServer.StartAsync(
            folder.Path, settings: new Dictionary<string, string?> { ["Limits:RequestsPerSecond"] = "1" });
        using var http = new JsonCaller(limited.Http);
        JsonCaller.Answer answer;
        do
        {
            answer = await http.GetAsync("/agent-tasks");
        }
        while (answer.Status == HttpStatusCode.OK);

        Assert.Equal((HttpStatusCode.TooManyRequests, "RATE_LIMITED"), (answer.Status, answer.Reason));
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 10);
    }

    [Fact]
    public async Task The_trace_of_a_call_Is_kept_with_the_task()
    {
        const string Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        Assert.Equal(Trace, (await _http.PostAsync("/agent-tasks", Task, ("traceparent", Trace)))["traceparent"]);
    }
}
