using Grpc.Net.Client;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>What counts of a large organization cost the creates of others.</summary>
internal static class CountRun
{
    private const int Counted = 1_000_000;
    private const int Creators = 64;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        var title = $"creates, {Creators} callers, beside counts of another organization";
        if (!title.Contains(options.Only, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        using var server = await LoadServer.StartAsync(null, ("Limits:CountTime", "00:01:00"));
        using GrpcChannel creating = server.Channel(), counting = server.Channel();
        await new ReadyTasks(creating, Large).FillAsync(options.Count(Counted, 1000));
        Task<Sample> CreateAsync(TimeSpan turn) => CreateRun.CreateAsync(server, creating, Creators, turn, Tasks.New);
        var creates = report.Add(await Comparison.RunAsync(
            title,
            options,
            new("one count after the other", async turn =>
            {
                var statistics = new StatisticsService.StatisticsServiceClient(counting);
                var counts = ClosedLoop.RunAsync(1, turn, server, async (_, _) => await statistics.CountAsync(
                    new CountRequest { Kind = ResourceKind.AgentTask, GroupBy = { "status" } }, Large));
                var sample = await CreateAsync(turn);
                await counts;
                return sample;
            }),
            new("none", CreateAsync)));
        report.AtLeast("creates beside counts of 1,000,000 tasks of another organization against alone", creates.Ratios(1), 0.9, 1);
    }

    /// <summary>An organization that nobody creates in.</summary>
    private static Grpc.Core.CallOptions Large { get; } = Tasks.CallerOf("large-organization");
}
