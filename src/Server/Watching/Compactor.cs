using System.Data.Common;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>Removes changes that are past their retention, in small batches through the lane, so that no commit waits for a large one.</summary>
internal sealed class Compactor(CommitLane lane, IOptions<WatchOptions> options, TimeProvider time, ILogger<Compactor> logger) : BackgroundService
{
    private const int BatchSize = 500;

    private static readonly Caller Self = new("", new Actor { Type = ActorType.System, Id = "system" });

    /// <summary>Removes the changes from before a moment; returns how many there were.</summary>
    /// <exception cref="Fault">The lane takes no command now.</exception>
    public async Task<int> CompactAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var removed = 0;
        int batch;
        do
        {
            batch = await CompactBatchAsync(before, cancellationToken);
            removed += batch;
        }
        while (batch >= BatchSize);
        if (removed > 0)
        {
            logger.LogCompacted(removed);
        }

        return removed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CompactionInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CompactAsync(time.GetUtcNow() - options.Value.Retention, stoppingToken);
            }
            catch (Exception exception) when (exception is Fault or DbException)
            {
                // The lane is full or the disk is: the next tick is soon enough, and the lane has said so itself.
            }
        }
    }

    private async Task<int> CompactBatchAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var removed = 0;
        await lane.CommitAsync(new LedgerCommand<Empty>(Self, request: null, dryRun: false, commit =>
        {
            commit.Effects.Add(writer =>
            {
                removed = writer.Compact(before, BatchSize);
                if (removed > 0)
                {
                    FaultPoint.Pass(FaultPoint.InCompaction);
                }
            });
            return new Empty();
        }, cancellationToken));
        return removed;
    }
}
