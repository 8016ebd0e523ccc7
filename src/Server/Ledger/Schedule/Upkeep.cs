using System.Data.Common;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>Removes expired rows at intervals, in small batches through the lane, so that no commit waits for a large one.</summary>
internal abstract class Upkeep(CommitLanes lanes, TimeSpan interval, TimeProvider time, ILogger logger) : BackgroundService
{
    private const int BatchSize = 500;

    private static readonly Caller Self = Caller.System("");

    /// <summary>Removes everything that has expired by now.</summary>
    /// <exception cref="Fault">The lane accepts no command now.</exception>
    protected abstract Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunAsync(time.GetUtcNow(), stoppingToken);
            }
            catch (DbException exception)
            {
                // The lane reports a refusal by the database only to its caller, so log it here.
                logger.UpkeepRefused(exception);
            }
            catch (Exception exception) when (exception is Fault or SocketException)
            {
                // The lane or the disk is full, or the database is away: the next tick is soon enough.
            }
        }
    }

    /// <summary>Removes batches, each in its own commit, and returns the number of rows.</summary>
    /// <param name="remove">Removes about that many rows, and returns how many.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    protected async Task<int> RemoveAsync(Func<StoreWriter, int, int> remove, CancellationToken cancellationToken)
    {
        var (removed, batch) = (0, BatchSize);
        while (batch > 0)
        {
            await lanes.CommitAsync(new LedgerCommand<Empty>(Self, request: null, dryRun: false, unit =>
            {
                unit.Effects.Add(writer => batch = remove(writer, BatchSize));
                return new Empty();
            }, cancellationToken));
            removed += batch;
        }

        return removed;
    }
}
