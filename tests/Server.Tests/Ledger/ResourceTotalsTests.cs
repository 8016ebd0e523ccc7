using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Ledger;

/// <summary>The metric of resources by kind and status: over all organizations, counted only where it is switched on.</summary>
public sealed class ResourceTotalsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task On_SQLite_the_metric_Adds_up_all_organizations() => AddsUpAsync([]);

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task On_PostgreSQL_the_metric_Adds_up_all_organizations_with_row_level_security_too(string secured)
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        await AddsUpAsync(new(cluster.Settings(await cluster.NewDatabaseAsync())) { ["Storage:RowLevelSecurity"] = secured });
    }

    [Fact]
    public async Task Without_the_setting_there_Is_no_such_metric()
    {
        await using var server = await TestServer.StartAsync(_folder.Path);
        Assert.DoesNotContain("taskgrpc.resources", Instruments(server).Select(instrument => instrument.Name));
        Assert.Contains("taskgrpc.ledger.queue.depth", Instruments(server).Select(instrument => instrument.Name));
    }

    private async Task AddsUpAsync(Dictionary<string, string?> settings)
    {
        await using (var first = await TestServer.StartAsync(_folder.Path, settings: settings))
        {
            foreach (var organization in new[] { "one", "two" })
            {
                using var client = first.Client(organization);
                await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), 3) } });
                await client.TransitionAsync(await client.CreateAgentTaskAsync(), AgentTaskStatus.Planning);
                await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = (await client.CreateAgentTaskAsync()).Id });
                await client.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = Sample.BoardTask() });
            }
        }

        settings["Metrics:ResourceInterval"] = "00:01:00";
        await using var server = await TestServer.StartAsync(_folder.Path, settings: settings);
        Assert.Equal(
            [
                "RESOURCE_KIND_AGENT_TASK AGENT_TASK_STATUS_PLANNING 2",
                "RESOURCE_KIND_AGENT_TASK AGENT_TASK_STATUS_QUEUED 6",
                "RESOURCE_KIND_BOARD_TASK BOARD_TASK_STATUS_BACKLOG 2",
            ],
            await CountedAsync(server));
    }

    /// <summary>What the metric shows once the server has counted.</summary>
    private static async Task<IEnumerable<string>> CountedAsync(TestServer server)
    {
        var shown = new ConcurrentBag<string>();
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((_, count, labels, _) => shown.Add($"{labels[0].Value} {labels[1].Value} {count}"));
        listener.EnableMeasurementEvents(Instruments(server).Single(instrument => instrument.Name == "taskgrpc.resources"));
        listener.Start();
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (shown.IsEmpty)
        {
            Assert.False(late.IsCancellationRequested, "The server has not counted.");
            await Task.Yield();
            listener.RecordObservableInstruments();
        }

        return shown.Order(StringComparer.Ordinal);
    }

    /// <summary>The instruments of this server, and not of one that another test runs.</summary>
    private static List<Instrument> Instruments(TestServer server)
    {
        var found = new List<Instrument>();
        var factory = server.Services.GetRequiredService<IMeterFactory>();
        using var all = new MeterListener { InstrumentPublished = (instrument, _) => found.Add(instrument) };
        all.Start();
        return [.. found.Where(instrument => instrument.Meter.Scope == factory)];
    }
}
