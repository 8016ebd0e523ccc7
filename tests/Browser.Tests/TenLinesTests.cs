using System.Text.RegularExpressions;
using PuppeteerSharp;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>What a page of somebody else needs to follow the server.</summary>
public sealed partial class TenLinesTests(Chromium chromium)
{
    /// <summary>The ten lines that docs/http.md shows. None is about cuts.</summary>
    private static readonly string Shown =
        Sample().Match(File.ReadAllText(Path.Combine(Repository.Root, "docs", "http.md"))).Groups[1].Value;

    [Fact]
    public async Task The_ten_lines_of_the_page_on_HTTP_Show_a_whole_life_across_a_kill()
    {
        await using var tab = await chromium.OpenAsync();
        using var server = new ServerToKill();
        await server.StartAsync();
        var id = await server.Caller.CreateAsync("Refund order 1042");
        // The page comes from the server's own origin, as the browser sees it.
        await tab.Page.SetRequestInterceptionAsync(true);
        tab.Page.Request += async (_, asked) => await (asked.Request.Url.EndsWith("/life", StringComparison.Ordinal)
            ? asked.Request.RespondAsync(new ResponseData { ContentType = "text/html", Body = Shown })
            : asked.Request.ContinueAsync());
        await tab.Page.GoToAsync(new Uri(server.Http, "/life").ToString());
        await UntilLifeAsync(tab, "QUEUED");
        await server.Caller.MoveAsync(id, "PLANNING");
        await UntilLifeAsync(tab, "QUEUED", "PLANNING");

        await server.KillAsync();
        await server.StartAsync();
        await server.Caller.MoveAsync(id, "EXECUTING");
        await UntilLifeAsync(tab, "QUEUED", "PLANNING", "EXECUTING");
        await server.Caller.MoveAsync(id, "COMPLETED");
        await UntilLifeAsync(tab, "QUEUED", "PLANNING", "EXECUTING", "COMPLETED");
    }

    private static Task UntilLifeAsync(Tab tab, params string[] statuses) => tab.UntilTextsAsync(
        "#tasks li", [.. statuses.Select((status, at) => $"{at + 1}: Refund order 1042 is AGENT_TASK_STATUS_{status}")]);

    [GeneratedRegex("<!-- sample: page -->\n```html\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();
}
