using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Runs;

/// <summary>Workers in their own processes. A quarter of them at a time is stopped for longer than a lease lasts, and continued.</summary>
internal static class FreezeRun
{
    private const int Workers = 16;
    private const int Quarter = 4;
    private const int Freezes = 5;
    private const int Jobs = 3000;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    /// <summary>Long enough that a worker has the job of a stopped worker in hand when that one continues.</summary>
    private static readonly TimeSpan Work = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(LoadOptions options, Report report, LoadCluster cluster, BossProgram program)
    {
        const string title = "a quarter of the workers is stopped";
        if (!title.Contains(options.Only, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var (own, theirs) = (await OursAsync(options, cluster), await BossAsync(options, cluster, program));
        foreach (var (name, jobs) in new[] { ("TaskGrpc", own), ("pg-boss", theirs) })
        {
            report.Note(
                $"{title}, {name}: {jobs.Count:N0} jobs, {jobs.Repeated:N0} worked on twice; {jobs.AcceptedTwice:N0} completed twice; "
                    + $"{jobs.BelievedTwice:N0} completed by two workers without an error; {jobs.Stale:N0} completions accepted from a "
                    + "worker that had lost the job.");
        }

        report.AtMost("jobs done twice, or completed by a worker that had lost them", [own.BelievedTwice + own.Stale], 0, 0);
        if (options.Scale >= 1)
        {
            report.AtLeast("jobs that were worked on twice, so that the row above means something", [own.Repeated], 1, Workers);
        }
    }

    private static async Task<FinishedJobs> OursAsync(LoadOptions options, LoadCluster cluster)
    {
        using var server = await LoadServer.StartAsync(
            null, ("Storage:Provider", "Postgres"), ("ConnectionStrings:Tasks", await cluster.NewDatabaseAsync("frozen_tasks")),
                ("Work:ExpiredLeases", "1000"));
        using var channel = server.Channel();
        await new ReadyTasks(channel).FillAsync(Jobs);
        return await FreezeAsync(options, () => WorkerProcess.StartAsync(
            "dotnet", BareServer.Program, "worker", server.Address.ToString(), $"{Lease.TotalSeconds:F0}", $"{Work.TotalSeconds:F0}"));
    }

    private static async Task<FinishedJobs> BossAsync(LoadOptions options, LoadCluster cluster, BossProgram program)
    {
        var address = BossProgram.AddressOf(await cluster.NewDatabaseAsync("frozen_boss"));
        using var supervisor = await WorkerProcess.StartAsync(
            "node", program.Script, address, "supervise", $"{Lease.TotalSeconds:F0}", $"{Jobs}");
        return await FreezeAsync(
            options, () => WorkerProcess.StartAsync("node", program.Script, address, "worker", $"{Work.TotalMilliseconds:F0}"));
    }

    private static async Task<FinishedJobs> FreezeAsync(LoadOptions options, Func<Task<WorkerProcess>> startAsync)
    {
        var workers = await Task.WhenAll(Enumerable.Range(0, options.Count(Workers, Quarter)).Select(_ => startAsync()));
        await Task.Delay(Pause, TimeProvider.System);
        var random = new Random(1);
        for (var freeze = 0; freeze < options.Count(Freezes, 1); freeze++)
        {
            // Each for another time, so that some continue just after their lease has expired.
            var frozen = workers.Length / Quarter;
            await Task.WhenAll(Enumerable.Range(freeze * frozen, frozen)
                .Select(number => workers[number % workers.Length].FreezeAsync(Lease + (Pause * (0.2 + random.NextDouble())))));
            await Task.Delay(Pause, TimeProvider.System);
        }

        var jobs = workers.SelectMany(worker => worker.Lines).Select(FinishedJob.Parse).ToList();
        Array.ForEach(workers, worker => worker.Dispose());
        return new FinishedJobs(jobs);
    }
}
