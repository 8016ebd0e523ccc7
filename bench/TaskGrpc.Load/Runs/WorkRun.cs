using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;

namespace TaskGrpc.Load.Runs;

/// <summary>Claims and leases: all measurements of the command `work`.</summary>
internal static class WorkRun
{
    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using (var cluster = await LoadCluster.StartAsync())
        using (var program = await BossProgram.InstallAsync())
        {
            await QueueRun.OnPostgresAsync(options, report, cluster, program);
            await FreezeRun.RunAsync(options, report, cluster, program);
        }

        await QueueRun.OnSqliteAsync(options, report);
        await ClaimRun.RunAsync(options, report);
        await HeartbeatRun.RunAsync(options, report);
        await WaitingRun.RunAsync(options, report);
    }
}
