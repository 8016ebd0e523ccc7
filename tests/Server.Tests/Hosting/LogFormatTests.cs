using System.Text.Json;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Hosting;

public sealed class LogFormatTests
{
    [Fact]
    public async Task A_formatter_from_the_settings_Writes_the_log()
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string> { ["Logging__Console__FormatterName"] = "json" };
        using var server = new ServerProcess(folder.Path, settings: settings);
        await server.StartAsync();
        Assert.All(server.Output, line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
    }

    [Fact]
    public async Task Without_a_setting_The_log_is_plain_text()
    {
        using var folder = new TemporaryFolder();
        using var server = new ServerProcess(folder.Path);
        await server.StartAsync();
        Assert.Contains("info: Microsoft.Hosting.Lifetime[0]", server.Output);
    }
}
