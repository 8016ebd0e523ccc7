using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>
/// Keeps leases alive whose holders could not be heard. After a start, an outage of the store, a jump of the clock or a pause of this
/// process, no lease expires before its holder could have sent heartbeats for a while.
/// </summary>
internal sealed class HolderGrace(StoreOutages outages, TaskStore store, TimeProvider time) : BackgroundService
{
    /// <summary>How long holders can be heard before a lease expires, or for the lease's duration, if that is shorter.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>How far the clocks of replicas may differ.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    /// <summary>A pulse that comes later than this says that the process stood still, or that the clock was set.</summary>
    private static readonly TimeSpan MostGap = TimeSpan.FromSeconds(3);

    private long _heardSince = time.GetUtcNow().UtcTicks;

    /// <summary>When a lease may expire.</summary>
    public DateTimeOffset EndOf(LeaseRow lease)
    {
        var heardSince = new DateTimeOffset(Interlocked.Read(ref _heardSince), TimeSpan.Zero);
        var graceful = heardSince + (lease.Duration < Grace ? lease.Duration : Grace);
        var end = store.IsShared ? lease.ExpiresAt + Skew : lease.ExpiresAt;
        return end > graceful ? end : graceful;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = outages.Failures;
        while (!stoppingToken.IsCancellationRequested)
        {
            // The process's own time shows a pause; the difference between the two kinds of time shows that the clock was set.
            var (began, clock, ticks) = (TimeProvider.System.GetTimestamp(), time.GetUtcNow(), time.GetTimestamp());
            await Task.Delay(Pulse, TimeProvider.System, stoppingToken);
            var jump = time.GetUtcNow() - clock - time.GetElapsedTime(ticks);
            if (TimeProvider.System.GetElapsedTime(began) > MostGap || jump.Duration() > MostGap || outages.Failures != failures)
            {
                failures = outages.Failures;
                Interlocked.Exchange(ref _heardSince, time.GetUtcNow().UtcTicks);
            }
        }
    }
}
