using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// What a replica does after its connection is lost in COMMIT, when only the database knows the outcome: it (1) looks for the batch over
/// a new connection until the database answers, and (2) answers the callers, refuses them, or runs their commands once more.
/// </summary>
internal sealed class LostCommit(
    BatchCommitter committer, StoreCondition condition, StoreOutages outages, TimeProvider time, ILogger logger)
{
    /// <summary>How long a replica looks for the outcome of a commit. After that it answers that the outcome is unknown.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether the batch is in the store.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="batch">The batch; null if its connection was never open.</param>
    /// <param name="isRepeated">Whether its commands have already run once more.</param>
    /// <param name="refusal">The refusal for a batch that is not in the store; null if its commands run once more.</param>
    public bool IsStored(string lane, Batch? batch, bool isRepeated, out Fault? refusal)
    {
        var isStored = batch is { IsSentToCommit: true } ? Look(lane, batch) : false;
        refusal = isStored switch
        {
            true => null,
            null => StoreFaults.OutcomeUnknown(),
            _ when condition.IsStopping => StoreFaults.NothingChanged(),
            _ when outages.IsFull => StoreFaults.Full(),
            _ => isRepeated ? StoreFaults.NothingChanged() : null,
        };
        return isStored == true;
    }

    /// <summary>Whether the batch is in the store; null if unknown.</summary>
    private bool? Look(string lane, Batch batch)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                // Begin like any commit: the lock on the counter row waits until the lost transaction has ended.
                var writer = committer.Open();
                writer.Begin(lane, Foreseen.Nothing);
                var isStored = IsIn(writer, batch);
                // COMMIT, not ROLLBACK: it waits for the standby, which then has the lost transaction, too.
                writer.Commit();
                return isStored ?? (lane.Length == 0 ? false : null);
            }
            catch (Exception exception)
            {
                committer.Drop();
                outages.Failed(StorageFailure.Lost, exception);
                if (time.GetElapsedTime(began) > Patience || condition.StopsWithin(BetweenLooks))
                {
                    logger.OutcomeNotFound(FailureText.Of(exception));
                    return null;
                }
            }
        }
    }

    /// <summary>
    /// Whether this batch is in the store; null if it has no change and no request id to look for. It is atomic, so one row proves the
    /// others.
    /// </summary>
    private static bool? IsIn(StoreWriter writer, Batch batch)
    {
        foreach (var (organizationId, changes) in batch.Logged)
        {
            // Another batch may have used the revision since, with another body.
            var mine = changes[0];
            return writer.FindChange(organizationId, mine.Revision, mine.Ordinal) is { } body && body.AsSpan().SequenceEqual(mine.Body);
        }

        return batch.Requests.FirstOrDefault() is not { } own ? null
            : writer.FindRequest(own.RequestId, own.OrganizationId, own.Caller) is { } stored
            && stored.CreatedAt == Moment.ToTimestamp(own.CreatedAt).ToDateTimeOffset()
            && stored.Answer.AsSpan().SequenceEqual(own.Answer);
    }
}
