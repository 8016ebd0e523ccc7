using System.Text;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>What a collector receives from a server with its default settings.</summary>
public sealed class TelemetryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_call_Is_traced_once_there_is_a_collector()
    {
        await using var collector = await WebhookReceiver.StartAsync();
        using var server = new ServerProcess(_folder.Path, settings: new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = new Uri(collector.Address, "/").ToString(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "50",
        });
        await server.StartAsync();
        using var client = server.Client("org");
        await client.CreateAgentTaskAsync();

        ReceivedWebhook traces;
        do
        {
            traces = await collector.NextAsync();
        }
        while (traces.Path != "/v1/traces");

        Assert.Contains("taskgrpc.v1.AgentTaskService/CreateAgentTask", Encoding.UTF8.GetString(traces.Body), StringComparison.Ordinal);
    }
}
