using System.Text.Json;
using Deque.AxeCore.Commons;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>axe finds nothing to complain about.</summary>
public sealed class AccessibilityTests(Chromium chromium)
{
    [Theory]
    [InlineData("light", 1280)]
    [InlineData("light", 360)]
    [InlineData("dark", 1280)]
    [InlineData("dark", 360)]
    public async Task The_live_page_Has_no_violation(string scheme, int width)
    {
        await using var tab = await chromium.OpenAsync(width, scheme);
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path);
        using var caller = new HttpCaller(server.Http);
        await LetAxeInAsync(tab);
        await tab.GoLiveAsync(server.Http);
        await tab.UntilTextsAsync("#empty h2", "No tasks yet");
        await RequireNoViolationAsync(tab, width);

        var (wide, id) = (new string('w', 300), "");
        foreach (var path in new[] { "PLANNING", "BLOCKED", "CANCELED", "PLANNING EXECUTING COMPLETED" })
        {
            id = await caller.CreateAsync($"{path} {wide}");
            foreach (var status in path.Split(' '))
            {
                await caller.MoveAsync(id, status, "because");
            }
        }

        await caller.PostAsync("/agents/tasks", new { title = "board", assignedToUserId = wide[..250] });
        await tab.UntilAsync("document.querySelectorAll('#feed li').length === 11");
        await RequireNoViolationAsync(tab, width);
    }

    [Fact]
    public async Task The_page_of_a_server_with_an_issuer_Says_how_to_get_in_without_a_script()
    {
        await using var tab = await chromium.OpenAsync(width: 360);
        using var folder = new TemporaryFolder();
        using var issuer = new TestIssuer(folder.Path);
        await using var server = await TestServer.StartAsync(folder.Path, settings: issuer.Settings);
        await LetAxeInAsync(tab);
        await tab.Page.GoToAsync(server.Http.ToString());
        Assert.Contains("Authorization: Bearer", (await tab.TextsAsync("pre")).Single(), StringComparison.Ordinal);
        Assert.Equal(0, await tab.Page.EvaluateExpressionAsync<int>("document.scripts.length"));
        Assert.DoesNotContain(tab.Requests, request => request.AbsolutePath is not ("/" or "/page.css" or "/page.svg"));
        Assert.Empty(tab.Errors);
        await RequireNoViolationAsync(tab, 360);
    }

    /// <summary>The page's policy lets no foreign script in; this one is the test's.</summary>
    private static Task LetAxeInAsync(Tab tab) => tab.Page.SetBypassCSPAsync(true);

    private static async Task RequireNoViolationAsync(Tab tab, int width)
    {
        await tab.Page.EvaluateExpressionAsync(new BundledAxeScriptProvider().GetScript());
        var violations = await tab.Page.EvaluateExpressionAsync<JsonElement>("""
            axe.run().then(found => found.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html} ${n.failureSummary}`)))
            """);
        Assert.Empty(violations.EnumerateArray().Select(violation => violation.GetString()));
        Assert.Equal(width, await tab.Page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"));
    }
}
