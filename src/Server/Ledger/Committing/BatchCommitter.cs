using System.Data.Common;
using System.Net.Sockets;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>Commits batches over a connection of its own, one transaction each.</summary>
internal sealed class BatchCommitter(TaskStore store, CommitSignal signal, StoreCondition condition, StoreOutages outages, StorageOptions options, TimeProvider time, LedgerMetrics metrics, ILogger logger) : IDisposable
{
    private readonly List<LedgerCommand> _held = [];
    private StoreWriter? _writer;
    private TimeSpan? _wait;

    /// <summary>The connection, opened if there is none.</summary>
    public StoreWriter Open() => _writer ??= store.OpenWriter();

    /// <summary>Whether another session held the organization the last time.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Runs commands of one lane as one transaction and lets their callers know.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="commands">Its commands.</param>
    /// <param name="patience">How long to wait for another session that holds the organization; null for the first time.</param>
    /// <returns>Those that are to be tried again, because another session holds the organization.</returns>
    public IReadOnlyList<LedgerCommand> Commit(string lane, List<LedgerCommand> commands, TimeSpan? patience)
    {
        _held.Clear();
        (IsHeld, _wait) = (false, patience);
        Commit(lane, commands, isRepeated: false);
        return _held;
    }

    public void Dispose() => Drop();

    private void Commit(string lane, List<LedgerCommand> commands, bool isRepeated)
    {
        if (condition.IsBroken)
        {
            StoreFaults.RefuseAll(commands, StoreFaults.OutcomeUnknown());
            return;
        }

        if (store.IsShared && outages.IsFull && lane.Length > 0)
        {
            // The poll finds out when there is room. A write that fails for want of it can end every session of the database, and with
            // them all reads.
            StoreFaults.RefuseAll(commands, StoreFaults.Full());
            return;
        }

        // 1. Everything of the batch in one transaction.
        var started = time.GetTimestamp();
        Batch? batch = null;
        try
        {
            batch = new Batch(Open(), time, options.RequestRetention);
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
        outages.Committed();
        FaultPoint.Pass(FaultPoint.AfterCommit);
        metrics.Committed(commands.Count, commands.Count(command => command.Fault is not null), time.GetElapsedTime(started));
        foreach (var command in commands)
        {
            command.Tell();
        }

        // 3. The watchers.
        FaultPoint.Pass(FaultPoint.AfterAnswer);
        foreach (var (organizationId, logged) in batch!.Logged)
        {
            signal.Raise(organizationId, logged);
        }

        _writer!.AfterCommit();
    }

    private void Write(string lane, Batch batch, List<LedgerCommand> commands)
    {
        _writer!.Begin(lane, LedgerCommand.Foresee(commands), _wait);
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
            // Where its log finds no room, PostgreSQL ends all its sessions.
            outages.Failed(failure, exception);
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
                outages.Failed(failure, exception);
                StoreFaults.RefuseAll(commands, StoreFaults.Full());
                return false;
            case StorageFailure.Busy:
                outages.Failed(failure, exception);
                StoreFaults.RefuseAll(commands, StoreFaults.NothingChanged());
                return false;
            case StorageFailure.Held:
                Hold(commands, exception);
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

    /// <summary>Keeps commands for another try; those that have waited for as long as a commit may are refused.</summary>
    private void Hold(List<LedgerCommand> commands, Exception exception)
    {
        IsHeld = true;
        foreach (var command in commands)
        {
            command.Reset();
            command.HeldSince = command.HeldSince == 0 ? TimeProvider.System.GetTimestamp() : command.HeldSince;
            if (condition.IsStopping || TimeProvider.System.GetElapsedTime(command.HeldSince) >= options.LockTimeout - StorageOptions.FirstWait)
            {
                outages.Failed(StorageFailure.Held, exception);
                StoreFaults.RefuseAll([command], StoreFaults.NothingChanged());
            }
            else
            {
                _held.Add(command);
            }
        }
    }

    /// <summary>Goes on over a new connection: a batch that is in the store is answered, one that is not is run once more.</summary>
    private bool Recover(string lane, Batch? batch, List<LedgerCommand> commands, Exception exception, bool isRepeated)
    {
        outages.Failed(StorageFailure.Lost, exception);
        if (_writer is not null)
        {
            // What ended this connection has most often ended the idle ones, too.
            store.DiscardIdle();
        }

        Drop();
        if (new LostCommit(this, condition, outages, time, logger).IsStored(lane, batch, isRepeated, out var refusal))
        {
            logger.CommitFound(commands.Count);
            return true;
        }

        if (refusal is not null)
        {
            StoreFaults.RefuseAll(commands, refusal);
            return false;
        }

        commands.ForEach(command => command.Reset());
        Commit(lane, commands, isRepeated: true);
        return false;
    }

    /// <summary>Lets go of a connection on which something may be unfinished.</summary>
    public void Drop()
    {
        _writer?.Dispose();
        _writer = null;
    }
}
