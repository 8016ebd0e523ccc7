using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>Removes changes that are older than the retention; none if no retention is set.</summary>
internal sealed class Compactor(CommitLanes lanes, IOptions<WatchOptions> options, TimeProvider time, ILogger<Compactor> logger)
    : Upkeep(lanes, options.Value.CompactionInterval, time, logger)
{
    /// <summary>Removes the changes from before a moment, and returns how many.</summary>
    /// <exception cref="Fault">The lane accepts no command now.</exception>
    public async Task<int> CompactAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var removed = await RemoveAsync((writer, limit) => Compact(writer, before, limit), cancellationToken);
        if (removed > 0)
        {
            logger.LogCompacted(removed);
        }

        return removed;
    }

    protected override Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        options.Value.Retention is { } retention ? CompactAsync(now - retention, cancellationToken) : Task.CompletedTask;

    private static int Compact(StoreWriter writer, DateTimeOffset before, int limit)
    {
        var removed = writer.Compact(before, limit);
        if (removed > 0)
        {
            FaultPoint.Pass(FaultPoint.InCompaction);
        }

        return removed;
    }
}
