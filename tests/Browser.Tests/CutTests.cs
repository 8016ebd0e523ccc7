using PuppeteerSharp;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>A browser follows a server across its death.</summary>
public sealed class CutTests : IAsyncLifetime
{
    /// <summary>Ten lines that follow the life of tasks. None is about cuts.</summary>
    private const string TenLines = """
        <!doctype html>
        <ol id="life"></ol>
        <script>
          new EventSource('/watch?kinds=RESOURCE_KIND_AGENT_TASK&afterRevision=0').addEventListener('change', message => {
            for (const { change } of JSON.parse(message.data).events ?? []) {
              const line = document.getElementById('life').appendChild(document.createElement('li'));
              line.textContent = change.agentTask.status;
            }
          });
        </script>
        """;

    private readonly Chromium _chromium;
    private readonly TemporaryFolder _folder = new();
    private readonly Uri _http = new($"http://127.0.0.1:{LoopbackPort.Free()}");
    private readonly ServerProcess _server;
    private readonly HttpCaller _caller;

    public CutTests(Chromium chromium)
    {
        _chromium = chromium;
        var settings = new Dictionary<string, string> { ["Kestrel__Endpoints__Http__Url"] = _http.ToString() };
        _server = new ServerProcess(_folder.Path, settings: settings);
        _caller = new HttpCaller(_http);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _caller.Dispose();
        _server.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Ten_lines_with_EventSource_Show_a_whole_life_across_a_kill()
    {
        await using var tab = await _chromium.OpenAsync();
        await _server.StartAsync();
        var id = await _caller.CreateAsync("Refund order 1042");
        await tab.Page.SetRequestInterceptionAsync(true);
        tab.Page.Request += async (_, asked) => await (asked.Request.Url.EndsWith("/life", StringComparison.Ordinal)
            ? asked.Request.RespondAsync(new ResponseData { ContentType = "text/html", Body = TenLines })
            : asked.Request.ContinueAsync());
        await tab.Page.GoToAsync(new Uri(_http, "/life").ToString());
        await _caller.MoveAsync(id, "PLANNING");
        await UntilLifeAsync(tab, "QUEUED", "PLANNING");

        await _server.KillAsync();
        await _server.StartAsync();
        await _caller.MoveAsync(id, "EXECUTING");
        await UntilLifeAsync(tab, "QUEUED", "PLANNING", "EXECUTING");
        await _caller.MoveAsync(id, "COMPLETED");
        await UntilLifeAsync(tab, "QUEUED", "PLANNING", "EXECUTING", "COMPLETED");
    }

    [Fact]
    public async Task The_page_Says_reconnecting_then_live_and_has_every_change_once()
    {
        await using var tab = await _chromium.OpenAsync();
        await _server.StartAsync();
        var id = await _caller.CreateAsync("Refund order 1042");
        await tab.GoLiveAsync(_http);
        await _caller.MoveAsync(id, "PLANNING");
        await tab.UntilTextsAsync("#feed .revision", "#2", "#1");

        await _server.KillAsync();
        await tab.UntilPillAsync("Reconnecting");
        await _server.StartAsync();
        await _caller.MoveAsync(id, "EXECUTING");
        await tab.UntilPillAsync("Live");
        await _caller.MoveAsync(id, "COMPLETED");
        await tab.UntilTextsAsync("#feed .revision", "#4", "#3", "#2", "#1");
        await tab.UntilTextsAsync(".card:first-child li", "Completed\n1");
        // The stream went on from its last id: the page has not read everything anew.
        Assert.Single(tab.Requests, request => request.AbsolutePath == "/flow-executions");
    }

    [Fact]
    public async Task A_stream_that_is_over_for_good_Lets_the_page_begin_anew()
    {
        await using var tab = await _chromium.OpenAsync();
        await _server.StartAsync();
        await _caller.CreateAsync("of the old database");
        await tab.GoLiveAsync(_http);
        await tab.UntilTextsAsync("#open .title", "of the old database");

        await _server.KillAsync();
        Directory.Delete(_folder.Path, recursive: true);
        Directory.CreateDirectory(_folder.Path);
        await _server.StartAsync();
        await _caller.CreateAsync("of the new database");
        await tab.UntilTextsAsync("#open .title", "of the new database");
        await tab.UntilTextsAsync("#feed .title", "of the new database");
        await tab.UntilPillAsync("Live");
    }

    private static Task UntilLifeAsync(Tab tab, params string[] statuses) =>
        tab.UntilTextsAsync("#life li", [.. statuses.Select(status => $"AGENT_TASK_STATUS_{status}")]);
}
