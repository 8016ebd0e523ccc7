using System.Data.Common;
using System.Net.Sockets;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
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

    /// <summary>A look that comes later than this says that the process or the store stood still, or that the clock was set.</summary>
    private static readonly TimeSpan MostGap = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private DateTimeOffset _heardSince = time.GetUtcNow();
    private (long Machine, DateTimeOffset Clock, long Ticks) _last =
        (TimeProvider.System.GetTimestamp(), time.GetUtcNow(), time.GetTimestamp());
    private long _failures;
    private volatile bool _isStoreAway;

    /// <summary>When a lease may expire.</summary>
    public DateTimeOffset EndOf(LeaseRow lease)
    {
        // An expiry can be the first thing that runs after a pause of the process, before the next pulse.
        var graceful = HeardSince() + (lease.Duration < Grace ? lease.Duration : Grace);
        var end = store.IsShared ? lease.ExpiresAt + Skew : lease.ExpiresAt;
        return end > graceful ? end : graceful;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pulse, TimeProvider.System, stoppingToken);
            // A store that accepts connections and answers nothing fails no call for a long time. The question takes as long then, and
            // the look after it comes late.
            _isStoreAway = store.IsShared && !await AnswersAsync(stoppingToken);
            HeardSince();
        }
    }

    /// <summary>Since when holders can be heard without a break.</summary>
    private DateTimeOffset HeardSince()
    {
        lock (_gate)
        {
            // The machine's own time shows a pause; the difference between the two kinds of time shows that the clock was set.
            var (machine, clock, ticks) = (TimeProvider.System.GetTimestamp(), time.GetUtcNow(), time.GetTimestamp());
            var jump = clock - _last.Clock - time.GetElapsedTime(_last.Ticks, ticks);
            if (_isStoreAway || outages.Failures != _failures || jump.Duration() > MostGap
                || TimeProvider.System.GetElapsedTime(_last.Machine, machine) > MostGap)
            {
                (_failures, _heardSince) = (outages.Failures, clock);
            }

            _last = (machine, clock, ticks);
            return _heardSince;
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken stopping)
    {
        try
        {
            using var rented = await store.RentAsync("", stopping);
            _ = rented.Reader.Statements<ScheduleStatements>().Places(SchedulePurpose.Lease, only: null).FirstOrDefault();
            return true;
        }
        catch (Exception exception) when (exception is DbException or SocketException)
        {
            outages.Failed(StorageFailures.Of(exception) ?? StorageFailure.Lost, exception);
            return false;
        }
    }
}
