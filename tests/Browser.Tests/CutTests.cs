using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>The page follows its server across a kill.</summary>
public sealed class CutTests(Chromium chromium)
{
    [Fact]
    public async Task The_page_Says_reconnecting_then_live_and_has_every_change_once()
    {
        await using var tab = await chromium.OpenAsync();
        using var server = new ServerToKill();
        await server.StartAsync();
        var id = await server.Caller.CreateAsync("Refund order 1042");
        await tab.GoLiveAsync(server.Http);
        await server.Caller.MoveAsync(id, "PLANNING");
        await tab.UntilTextsAsync("#feed .revision", "#2", "#1");

        await server.KillAsync();
        await tab.UntilPillAsync("Reconnecting");
        await server.StartAsync();
        await server.Caller.MoveAsync(id, "EXECUTING");
        await tab.UntilPillAsync("Live");
        await server.Caller.MoveAsync(id, "COMPLETED");
        await tab.UntilTextsAsync("#feed .revision", "#4", "#3", "#2", "#1");
        await tab.UntilTextsAsync(".card:first-child li", "Completed\n1");
        // The browser continued after its last id: the page has not read everything anew.
        Assert.Single(tab.Requests, request => request.AbsolutePath == "/flow-executions");
    }
}
