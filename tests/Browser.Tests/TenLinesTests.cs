using PuppeteerSharp;
using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>What a page of somebody else needs to follow the server.</summary>
public sealed class TenLinesTests(Chromium chromium)
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

    [Fact]
    public async Task Ten_lines_with_EventSource_Show_a_whole_life_across_a_kill()
    {
        await using var tab = await chromium.OpenAsync();
        using var server = new ServerToKill();
        await server.StartAsync();
        var id = await server.Caller.CreateAsync("Refund order 1042");
        // The page comes from the server's own origin, as the browser sees it.
        await tab.Page.SetRequestInterceptionAsync(true);
        tab.Page.Request += async (_, asked) => await (asked.Request.Url.EndsWith("/life", StringComparison.Ordinal)
            ? asked.Request.RespondAsync(new ResponseData { ContentType = "text/html", Body = TenLines })
            : asked.Request.ContinueAsync());
        await tab.Page.GoToAsync(new Uri(server.Http, "/life").ToString());
        await server.Caller.MoveAsync(id, "PLANNING");
        await UntilLifeAsync(tab, "QUEUED", "PLANNING");

        await server.KillAsync();
        await server.StartAsync();
        await server.Caller.MoveAsync(id, "EXECUTING");
        await UntilLifeAsync(tab, "QUEUED", "PLANNING", "EXECUTING");
        await server.Caller.MoveAsync(id, "COMPLETED");
        await UntilLifeAsync(tab, "QUEUED", "PLANNING", "EXECUTING", "COMPLETED");
    }

    private static Task UntilLifeAsync(Tab tab, params string[] statuses) =>
        tab.UntilTextsAsync("#life li", [.. statuses.Select(status => $"AGENT_TASK_STATUS_{status}")]);
}
