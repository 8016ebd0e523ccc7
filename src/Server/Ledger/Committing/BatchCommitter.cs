using System.Data.Common;
using System.Net.Sockets;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>Commits batches over its own connection, one transaction each.</summary>
internal sealed class BatchCommitter(TaskStore store, CommitSignal signal, StoreCondition condition, StoreOutages outages,
    StorageOptions options, TimeProvider time, LedgerMetrics metrics, ILogger logger) : IDisposable
{
    private readonly List<LedgerCommand> _held = [];
    private StoreWriter? _writer;
    private TimeSpan? _wait;

    /// <summary>The connection; opens it first if there is none.</summary>
    public StoreWriter Open() => _writer ??= store.OpenWriter();

    /// <summary>Whether another session held the organization's lock at the last commit.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Runs commands of one lane as one transaction and answers their callers.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="commands">Its commands.</param>
    /// <param name="patience">How long to wait for another session that holds the organization's lock; null for the first try.</param>
    /// <returns>The commands to try again, because another session holds the lock.</returns>
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
            // HeadPoll finds out when there is room. A write to a full disk can end every session of the database, and with them all
            // reads.
            StoreFaults.RefuseAll(commands, StoreFaults.Full());
            return;
        }

        // 1. Run the batch in one transaction.
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

        // 2. Answer the callers, strictly after COMMIT.
        outages.Committed();
        FaultPoint.Pass(FaultPoint.AfterCommit);
        metrics.Committed(commands.Count, commands.Count(command => command.Fault is not null), time.GetElapsedTime(started));
        foreach (var command in commands)
        {
            command.Tell();
        }

        // 3. Wake the watchers.
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
            // A repeated answer must be as durable as the first one, on a standby too.
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

    /// <summary>Rolls a failed transaction back and answers each caller; true if it turns out to be committed.</summary>
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
            // PostgreSQL ends all its sessions if its WAL has no room.
            outages.Failed(failure, exception);
            failure = store.IsShared ? StorageFailure.Lost : StorageFailure.Broken;
        }

        switch (failure)
        {
            case StorageFailure.Broken:
                // A commit that failed in fsync may reappear after a restart: claim no outcome, and build nothing on it.
                condition.Break();
                logger.StoreBroken(exception, commands.Count);
                StoreFaults.RefuseAll(commands, StoreFaults.OutcomeUnknown());
                return false;
            case StorageFailure.Lost:
                return Recover(lane, batch, commands, exception, isRepeated);
            case StorageFailure.Full or StorageFailure.Busy:
                outages.Failed(failure, exception);
                StoreFaults.RefuseAll(commands, failure == StorageFailure.Full ? StoreFaults.Full() : StoreFaults.NothingChanged());
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

    /// <summary>Keeps commands for another try; refuses those that have waited for the lock timeout.</summary>
    private void Hold(List<LedgerCommand> commands, Exception exception)
    {
        IsHeld = true;
        foreach (var command in commands)
        {
            command.Reset();
            command.HeldSince = command.HeldSince == 0 ? TimeProvider.System.GetTimestamp() : command.HeldSince;
            if (condition.IsStopping
                || TimeProvider.System.GetElapsedTime(command.HeldSince) >= options.LockTimeout - StorageOptions.FirstWait)
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

    /// <summary>Opens a new connection: answers a batch that is in the store, runs one that is not once more.</summary>
    private bool Recover(string lane, Batch? batch, List<LedgerCommand> commands, Exception exception, bool isRepeated)
    {
        outages.Failed(StorageFailure.Lost, exception);
        if (_writer is not null)
        {
            // What ended this connection has probably ended the idle ones, too.
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

    /// <summary>Closes a connection that may have an unfinished transaction.</summary>
    public void Drop()
    {
        _writer?.Dispose();
        _writer = null;
    }
}
