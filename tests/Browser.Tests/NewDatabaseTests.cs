using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>A stream cannot continue in another database.</summary>
public sealed class NewDatabaseTests(Chromium chromium)
{
    [Fact]
    public async Task The_page_Begins_anew_by_itself()
    {
        await using var tab = await chromium.OpenAsync();
        using var server = new ServerToKill();
        await server.StartAsync();
        await server.Caller.CreateAsync("of the old database");
        await tab.GoLiveAsync(server.Http);
        await tab.UntilTextsAsync("#open .title", "of the old database");

        await server.KillAsync();
        server.Forget();
        await server.StartAsync();
        await server.Caller.CreateAsync("of the new database");
        await tab.UntilTextsAsync("#open .title", "of the new database");
        await tab.UntilTextsAsync("#feed .title", "of the new database");
        await tab.UntilPillAsync("Live");
    }
}
