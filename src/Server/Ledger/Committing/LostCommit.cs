using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// What a replica does when its connection is lost in COMMIT, so that only the database knows whether the batch counts: it (1) looks for
/// the batch over a new connection until the database answers, and (2) decides whether the callers are answered, refused, or their
/// commands run once more.
/// </summary>
internal sealed class LostCommit(
    BatchCommitter committer, StoreCondition condition, StoreOutages outages, TimeProvider time, ILogger logger)
{
    /// <summary>How long a replica looks for the outcome of a commit. After that it answers that the outcome is unknown.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The time between two looks.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether the batch is in the store, so that its callers are to be answered.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="batch">The batch; null if its connection could not even be opened.</param>
    /// <param name="isRepeated">Whether its commands have been run once more already.</param>
    /// <param name="refusal">The answer to the callers of a batch that is not in the store; null if its commands run once more.</param>
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

    /// <summary>Whether the batch is in the store; null if that cannot be found out for now.</summary>
    private bool? Look(string lane, Batch batch)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                // Begun like any commit: the counter row cannot be had before the lost transaction has ended, one way or the other.
                var writer = committer.Open();
                writer.Begin(lane, Foreseen.Nothing);
                var isStored = IsIn(writer, batch);
                // Not a rollback: this COMMIT waits for the standby, and with it the one that was lost has reached it too.
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
    /// Whether this very batch is in the store; null if it has left nothing by which that could be told. It is there as a whole or not at
    /// all, so one piece tells of the others.
    /// </summary>
    private static bool? IsIn(StoreWriter writer, Batch batch)
    {
        foreach (var (organizationId, changes) in batch.Logged)
        {
            // Another batch may have taken the revision since; it has another body.
            var mine = changes[0];
            return writer.FindChange(organizationId, mine.Revision, mine.Ordinal) is { } body && body.AsSpan().SequenceEqual(mine.Body);
        }

        return batch.Requests.FirstOrDefault() is not { } own ? null
            : writer.FindRequest(own.RequestId, own.OrganizationId, own.Caller) is { } stored
            && stored.CreatedAt == Moment.ToTimestamp(own.CreatedAt).ToDateTimeOffset()
            && stored.Answer.AsSpan().SequenceEqual(own.Answer);
    }
}
