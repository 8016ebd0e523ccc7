using Grpc.Net.Client;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Runs;

/// <summary>
/// Claims and completions by 64 workers, against pg-boss on the same PostgreSQL server and against Redis Streams. All jobs are in one
/// organization, one queue, one stream.
/// </summary>
internal static class QueueRun
{
    /// <summary>pg-boss sorts all ready jobs in each fetch: it is fastest with few of them.</summary>
    private const int Few = 1000;

    /// <summary>64 batches of 50 take 3,200 jobs at once.</summary>
    private const int Some = 10_000;

    private const int Many = 50_000;
    private const int Batch = 50;

    public static async Task OnPostgresAsync(LoadOptions options, Report report, LoadCluster cluster, BossProgram program)
    {
        using var server = await LoadServer.StartAsync(
            null, ("Storage:Provider", "Postgres"), ("ConnectionStrings:Tasks", await cluster.NewDatabaseAsync("tasks")));
        using var boss = await BossServer.StartAsync(program, await cluster.NewDatabaseAsync("boss"));
        using var channel = server.Channel();
        var (own, theirs) = (new ReadyTasks(channel).Queue(() => server.Cpu + cluster.Cpu), boss.Queue(() => boss.Cpu + cluster.Cpu));
        Task<Comparison> CompareAsync(string title, int ready, int batch) => Comparison.RunAsync(
            title,
            options,
            new("TaskGrpc on PostgreSQL", turn => own.MeasureAsync(options.Count(ready), batch, turn)),
            new("pg-boss", turn => theirs.MeasureAsync(options.Count(ready), batch, turn)));

        var single = report.Add(await CompareAsync($"claim and complete, 64 workers, {Few:N0} ready", Few, 1));
        var batches = report.Add(await CompareAsync($"claim and complete {Batch} at once, 64 workers, {Some:N0} ready", Some, Batch));
        report.Add(await CompareAsync($"claim and complete, 64 workers, {Many:N0} ready", Many, 1));
        report.AtLeast("claim and complete one at a time against pg-boss, 64 workers", single.Ratios(1), 3, 5);
        report.AtLeast($"claim and complete {Batch} at once against pg-boss, 64 workers", batches.Ratios(1), 1, 2);
    }

    public static async Task OnSqliteAsync(LoadOptions options, Report report)
    {
        using var server = await LoadServer.StartAsync();
        using var redis = await RedisServer.StartAsync();
        using var stream = await RedisStream.OpenAsync(redis);
        using GrpcChannel channel = server.Channel();
        var (own, theirs) = (new ReadyTasks(channel).Queue(() => server.Cpu), stream.Queue(() => redis.Cpu));
        var single = report.Add(await Comparison.RunAsync(
            $"claim and complete, 64 workers, {Some:N0} ready",
            options,
            new("TaskGrpc on SQLite", turn => own.MeasureAsync(options.Count(Some), 1, turn)),
            new("Redis Streams", turn => theirs.MeasureAsync(options.Count(Some), 1, turn))));
        report.AtLeast("claim and complete one at a time against Redis Streams, 64 workers", single.Ratios(1), 0.5, 1);
    }
}
