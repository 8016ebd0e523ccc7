using System.Data.Common;
using System.Net.Sockets;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger;

/// <summary>Commits batches over a connection of its own, and finds out what became of those whose connection was lost on the way.</summary>
internal sealed class BatchCommitter(TaskStore store, CommitSignal signal, StoreCondition condition, StorageOptions options, TimeProvider time, LedgerMetrics metrics, ILogger logger) : IDisposable
{
    /// <summary>For how long the outcome of a commit is looked for before its callers are told that it is unknown.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ManualResetEventSlim _pause = new();
    private StoreWriter? _writer;

    /// <summary>Opens the connection ahead of the first batch.</summary>
    public void Open() => _writer ??= store.OpenWriter();

    /// <summary>Runs commands of one lane as one transaction and lets their callers know.</summary>
    public void Commit(string lane, List<LedgerCommand> commands) => Commit(lane, commands, isRepeated: false);

    public void Dispose()
    {
        Drop();
        _pause.Dispose();
    }

    private void Commit(string lane, List<LedgerCommand> commands, bool isRepeated)
    {
        if (condition.IsBroken)
        {
            StoreFaults.RefuseAll(commands, StoreFaults.OutcomeUnknown());
            return;
        }

        // 1. Everything of the batch in one transaction.
        var started = time.GetTimestamp();
        Batch? batch = null;
        try
        {
            Open();
            batch = new Batch(_writer!, time, options.RequestRetention);
            Write(lane, batch, commands);
        }
        catch (Exception exception)
        {
            if (!IsCommittedAfterAll(lane, batch, commands, exception, isRepeated))
            {
                return;
            }
        }

        // 2. The callers, strictly after COMMIT.
        FaultPoint.Pass(FaultPoint.AfterCommit);
        metrics.Committed(commands.Count, commands.Count(command => command.Fault is not null), time.GetElapsedTime(started));
        foreach (var command in commands)
        {
            command.Tell();
        }

        // 3. The watchers.
        FaultPoint.Pass(FaultPoint.AfterAnswer);
        Publish(batch!);
        _writer!.AfterCommit();
    }

    private void Publish(Batch batch)
    {
        foreach (var (organizationId, logged) in batch.Logged)
        {
            signal.Raise(organizationId, logged);
        }
    }

    private void Write(string lane, Batch batch, List<LedgerCommand> commands)
    {
        _writer!.Begin(lane, LedgerCommand.Foresee(commands));
        foreach (var command in commands)
        {
            batch.Run(command);
        }

        batch.Flush();
        if (!batch.HasWritten)
        {
            // An answer that is repeated must be as safe as when it was first given: on a standby too.
            if (store.IsShared)
            {
                _writer.Commit();
            }
            else
            {
                _writer.TryRollback();
            }

            return;
        }

        _writer.Send();
        if (KnownBug.IsBack(KnownBug.PublishBeforeCommit))
        {
            Publish(batch);
        }

        FaultPoint.Pass(FaultPoint.BeforeCommit);
        batch.IsSentToCommit = true;
        _writer.Commit();
    }

    /// <summary>Undoes a transaction that failed and tells each caller what that means for it; true if it turns out to be committed.</summary>
    private bool IsCommittedAfterAll(string lane, Batch? batch, List<LedgerCommand> commands, Exception exception, bool isRepeated)
    {
        var failure = exception switch
        {
            DbException error => StorageFailures.Classify(error),
            SocketException or TimeoutException or IOException when store.IsShared => StorageFailure.Lost,
            _ => StorageFailure.Refused,
        };
        if (failure is not (StorageFailure.Broken or StorageFailure.Lost) && _writer?.TryRollback() == false)
        {
            failure = store.IsShared ? StorageFailure.Lost : StorageFailure.Broken;
        }

        switch (failure)
        {
            case StorageFailure.Broken:
                // A commit that failed in fsync may reappear after a restart, so nothing more may be said of it, and nothing built on it.
                condition.Break();
                logger.StoreBroken(exception, commands.Count);
                StoreFaults.RefuseAll(commands, StoreFaults.OutcomeUnknown());
                return false;
            case StorageFailure.Lost:
                return Recover(lane, batch, commands, exception, isRepeated);
            case StorageFailure.Full:
                logger.DiskFull(commands.Count);
                StoreFaults.RefuseAll(commands, StoreFaults.Full());
                return false;
            case StorageFailure.Busy:
                logger.DatabaseBusy(exception, commands.Count);
                StoreFaults.RefuseAll(commands, StoreFaults.NothingChanged());
                return false;
            case StorageFailure.Refused when commands.Count == 1:
                StoreFaults.RefuseAll(commands, exception);
                return false;
            default:
                logger.BatchSplit(exception, commands.Count);
                foreach (var command in commands)
                {
                    command.Reset();
                    Commit(lane, [command], isRepeated: false);
                }

                return false;
        }
    }

    /// <summary>Goes on over a new connection: a batch that is in the store is answered, one that is not is run once more.</summary>
    private bool Recover(string lane, Batch? batch, List<LedgerCommand> commands, Exception exception, bool isRepeated)
    {
        logger.ConnectionLost(exception, commands.Count);
        Drop();
        switch (batch is { IsSentToCommit: true } ? FindOut(lane, batch) : false)
        {
            case false when condition.IsStopping:
                StoreFaults.RefuseAll(commands, StoreFaults.NothingChanged());
                return false;
            case true:
                logger.CommitFound(commands.Count);
                return true;
            case null:
                StoreFaults.RefuseAll(commands, StoreFaults.OutcomeUnknown());
                return false;
            case false when isRepeated:
                StoreFaults.RefuseAll(commands, StoreFaults.NothingChanged());
                return false;
            default:
                commands.ForEach(command => command.Reset());
                Commit(lane, commands, isRepeated: true);
                return false;
        }
    }

    /// <summary>Whether the batch is in the store; null if that cannot be found out for now.</summary>
    private bool? FindOut(string lane, Batch batch)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                // Begun like any commit: the counter row cannot be had before the lost transaction has ended, one way or the other.
                Open();
                _writer!.Begin(lane, Foreseen.Nothing);
                var isStored = batch.IsStored(_writer);
                // Not a rollback: this COMMIT waits for the standby, and with it the one that was lost has reached it too.
                _writer.Commit();
                return isStored ?? (lane.Length == 0 ? false : null);
            }
            catch (Exception exception)
            {
                Drop();
                if (time.GetElapsedTime(began) > Patience || condition.IsStopping)
                {
                    logger.OutcomeNotFound(exception);
                    return null;
                }

                _pause.Wait(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    /// <summary>Lets go of a connection on which something may be unfinished.</summary>
    public void Drop()
    {
        _writer?.Dispose();
        _writer = null;
    }
}
