using System.Net;
using System.Text.Json;
using Google.Protobuf;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Json;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Http;

/// <summary>A watch over HTTP: events that a browser resumes by itself, or lines.</summary>
public sealed class EventStreamTests(SqliteServer server) : IClassFixture<SqliteServer>, IDisposable
{
    private readonly string _organization = server.NewOrganization();
    private readonly CancellationTokenSource _done = new(TimeSpan.FromSeconds(60));
    private JsonCaller? _http;

    private JsonCaller Http => _http ??= new JsonCaller(server.Server.Http, ("x-organization-id", _organization));

    public void Dispose()
    {
        _done.Cancel();
        _http?.Dispose();
        _done.Dispose();
    }

    [Fact]
    public async Task A_change_Is_an_event_whose_id_is_the_token_to_resume_from()
    {
        using var client = server.Server.Client(_organization);
        using var events = await WatchAsync("/watch");
        var created = await client.CreateAgentTaskAsync();
        var (type, data) = (await events.NextAsync(_done.Token))!.Value;
        Assert.Equal("change", type);
        var response = WatchResponse.Parser.ParseJson(data.GetRawText());
        Assert.Equal(created, Assert.Single(response.Events).Change.AgentTask);
        Assert.Equal(response.ResumeToken, events.LastId);

        // What happens while the browser is away comes after its return, and nothing twice.
        var moved = await client.TransitionAsync(created, AgentTaskStatus.Planning);
        using var back = await WatchAsync("/watch?snapshot=true", ("Last-Event-ID", events.LastId));
        var next = WatchResponse.Parser.ParseJson((await back.NextAsync(_done.Token))!.Value.Data.GetRawText());
        Assert.Equal(moved, Assert.Single(next.Events).Change.AgentTask);
    }

    [Fact]
    public async Task Heartbeats_Move_the_id_without_an_event()
    {
        using var client = server.Server.Client(_organization);
        using var events = await WatchAsync("/watch?kinds=board_task&heartbeatInterval=1s");
        await client.CreateAgentTaskAsync();
        await client.CreateAgentTaskAsync();
        var seen = client.Changes.ListChangesAsync(new()).ResponseAsync;
        var head = (await seen).ResumeToken;
        var next = events.NextAsync(_done.Token);
        while (events.LastId != head)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, _done.Token);
        }

        Assert.False(next.IsCompleted);
        Assert.True(events.QuietIds > 0);
        var board = await client.CreateBoardTaskAsync();
        Assert.Equal(board.Id, (await next)!.Value.Data.GetProperty("events")[0].GetProperty("change").GetProperty("boardTask")
            .GetProperty("id").GetString());
    }

    [Fact]
    public async Task Parts_of_a_snapshot_Have_no_id_until_it_is_complete()
    {
        using var client = server.Server.Client(_organization);
        await client.CreateAgentTaskAsync();
        using var events = await WatchAsync("/watch?snapshot=true");
        var part = (await events.NextAsync(_done.Token))!.Value.Data;
        Assert.Equal(("", false), (events.LastId, part.TryGetProperty("resumeToken", out _)));
        var complete = (await events.NextAsync(_done.Token))!.Value.Data;
        Assert.True(complete.GetProperty("snapshotComplete").GetBoolean());
        Assert.Equal(complete.GetProperty("resumeToken").GetString(), events.LastId);
    }

    [Fact]
    public async Task Lines_and_events_Say_what_the_formatter_says()
    {
        using var client = server.Server.Client(_organization);
        var task = await client.CreateAgentTaskAsync(Sample.AgentTask("\"quoted\" \\ \u2028 \ud83d\ude00 <b>"));
        await client.TransitionAsync(task, AgentTaskStatus.Planning);
        using var probe = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 });
        await probe.UntilAsync(2);

        using var events = await WatchAsync("/watch?after_revision=0");
        var got = new List<WatchEvent>();
        while (got.Count < 2)
        {
            var data = (await events.NextAsync(_done.Token))!.Value.Data;
            var response = WatchResponse.Parser.ParseJson(data.GetRawText());
            Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(JsonFormatter.Default.Format(response)).RootElement, data));
            got.AddRange(response.Events);
        }

        Assert.Equal(probe.Events, got);
        using var response1 = await Http.OpenAsync("/watch?after_revision=0", _done.Token, ("Accept", "application/x-ndjson"));
        Assert.Equal("application/x-ndjson", response1.Content.Headers.ContentType!.MediaType);
        using var lines = new StreamReader(await response1.Content.ReadAsStreamAsync(_done.Token));
        var fromLines = new List<WatchEvent>();
        while (fromLines.Count < 2)
        {
            fromLines.AddRange(WatchResponse.Parser.ParseJson(await lines.ReadLineAsync(_done.Token)).Events);
        }

        Assert.Equal(got, fromLines);
    }

    [Fact]
    public async Task A_watch_that_is_complete_Ends_with_the_id_end_and_a_return_with_it_is_204()
    {
        using var client = server.Server.Client(_organization);
        var task = await client.TransitionAsync(await client.CreateAgentTaskAsync(), AgentTaskStatus.Canceled);
        using var events = await WatchAsync($"/watch?ids={task.Id}&stopWhenTerminal=true");
        (string Type, JsonElement Data) last = default;
        while (await events.NextAsync(_done.Token) is { } next)
        {
            last = next;
        }

        Assert.Equal(("status", "end"), (last.Type, events.LastId));
        Assert.False(last.Data.TryGetProperty("code", out _));
        var back = await Http.GetAsync($"/watch?ids={task.Id}&stopWhenTerminal=true", ("Last-Event-ID", "end"));
        Assert.Equal((HttpStatusCode.NoContent, ""), (back.Status, back.Text));
    }

    [Fact]
    public async Task A_watch_whose_start_is_gone_Is_refused_by_its_status_and_one_that_falls_behind_ends_for_good()
    {
        using var client = server.Server.Client(_organization);
        await client.CreateAgentTaskAsync();
        var token = (await client.Changes.ListChangesAsync(new())).ResumeToken;
        await client.CreateAgentTaskAsync();
        await server.Server.CompactAsync();
        var gone = await Http.GetAsync("/watch", ("Last-Event-ID", token));
        Assert.Equal((HttpStatusCode.BadRequest, "REVISION_COMPACTED"), (gone.Status, gone.Reason));
        var future = await Http.GetAsync("/watch?after_revision=1000000");
        Assert.Equal((HttpStatusCode.BadRequest, "REVISION_IN_FUTURE"), (future.Status, future.Reason));
        var invalid = await Http.GetAsync("/watch", ("Last-Event-ID", "nonsense"));
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_RESUME_TOKEN"), (invalid.Status, invalid.Reason));
        var empty = await Http.OpenAsync("/watch", _done.Token, ("Last-Event-ID", ""));
        Assert.Equal(HttpStatusCode.OK, empty.StatusCode);
    }

    [Fact]
    public async Task A_refusal_that_passes_Is_an_event_so_that_the_browser_comes_back()
    {
        using var folder = new TemporaryFolder();
        await using var narrow = await TestServer.StartAsync(
            folder.Path, settings: new Dictionary<string, string?> { ["Watch:MaxOpenPerCaller"] = "1" });
        using var http = new JsonCaller(narrow.Http);
        using var first = await http.OpenAsync("/watch", _done.Token);
        using var second = await http.OpenAsync("/watch", _done.Token);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (second.StatusCode, second.Content.Headers.ContentType!.MediaType));
        using var events = new EventReader(await second.Content.ReadAsStreamAsync(_done.Token));
        var (type, data) = (await events.NextAsync(_done.Token))!.Value;
        Assert.Equal(("status", 8), (type, data.GetProperty("code").GetInt32()));
        Assert.NotNull(events.Retry);
        Assert.Equal("", events.LastId);
        Assert.Null(await events.NextAsync(_done.Token));
        // A program that reads lines gets an HTTP status instead.
        var lines = await http.GetAsync("/watch", ("Accept", "application/x-ndjson"));
        Assert.Equal((HttpStatusCode.TooManyRequests, "WATCH_LIMIT"), (lines.Status, lines.Reason));
    }

    [Fact]
    public async Task A_shutdown_Tells_every_stream_to_come_back()
    {
        using var folder = new TemporaryFolder();
        await using var own = await TestServer.StartAsync(folder.Path);
        using var http = new JsonCaller(own.Http);
        using var response = await http.OpenAsync("/watch", _done.Token);
        using var events = new EventReader(await response.Content.ReadAsStreamAsync(_done.Token));
        var next = events.NextAsync(_done.Token);
        await own.StopAsync();
        var (type, data) = (await next)!.Value;
        Assert.Equal(("status", 14), (type, data.GetProperty("code").GetInt32()));
        Assert.NotNull(events.Retry);
    }

    [Theory]
    [InlineData("text/event-stream", "text/event-stream")]
    [InlineData("*/*", "text/event-stream")]
    [InlineData("text/*;q=0.5", "text/event-stream")]
    [InlineData("application/x-ndjson", "application/x-ndjson")]
    [InlineData("application/X-NDJSON, */*", "application/x-ndjson")]
    public async Task Accept_Chooses_events_or_lines(string accept, string type)
    {
        using var response = await Http.OpenAsync("/watch", _done.Token, ("Accept", accept));
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_type_that_no_watch_has_Is_406()
    {
        var answer = await Http.GetAsync("/watch", ("Accept", "application/json"));
        Assert.Equal(HttpStatusCode.NotAcceptable, answer.Status);
        Assert.Contains("text/event-stream", answer["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_watch_Is_refused_by_its_status()
    {
        var filter = await Http.GetAsync("/watch?kinds=AGENT_TASK&filter=status%20IS%20x");
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_FILTER"), (filter.Status, filter.Reason));
        var unknown = await Http.GetAsync($"/watch?ids={Guid.NewGuid()}&stop_when_terminal=true");
        Assert.Equal((HttpStatusCode.NotFound, "RESOURCE_NOT_FOUND"), (unknown.Status, unknown.Reason));
    }

    [Fact]
    public async Task A_reader_that_has_gone_Frees_its_watch()
    {
        using var leaving = new CancellationTokenSource();
        var open = server.Server.OpenWatches;
        var response = await Http.OpenAsync("/watch", leaving.Token);
        while (server.Server.OpenWatches <= open)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, _done.Token);
        }

        response.Dispose();
        while (server.Server.OpenWatches > open)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, _done.Token);
        }
    }

    private async Task<EventReader> WatchAsync(string path, params (string, string)[] headers)
    {
        var response = await Http.OpenAsync(path, _done.Token, headers);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return new EventReader(await response.Content.ReadAsStreamAsync(_done.Token)) { LastId = "" };
    }
}
