namespace TaskGrpc.Client;

/// <summary>What a watch does when the server can no longer go on from where the watch stands: the log there is past its retention, or was restored.</summary>
public enum HistoryLoss
{
    /// <summary>The watch throws a <see cref="TaskGrpcException"/> with the reason REVISION_COMPACTED or EPOCH_CHANGED.</summary>
    Throw,

    /// <summary>
    /// The watch begins again with a snapshot: <see cref="TaskGrpcWatchOptions.SnapshotStarted"/> tells that what was collected so far is
    /// void, then every resource that matches comes anew. What happened in between is not told.
    /// </summary>
    SnapshotAgain,
}
