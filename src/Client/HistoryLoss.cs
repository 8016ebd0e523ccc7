namespace TaskGrpc.Client;

/// <summary>
/// What a watch does when the server can no longer continue where the watch is: that part of the log is past its retention, or was
/// restored.
/// </summary>
public enum HistoryLoss
{
    /// <summary>The watch throws a <see cref="TaskGrpcException"/> with the reason REVISION_COMPACTED or EPOCH_CHANGED.</summary>
    Throw,

    /// <summary>
    /// The watch begins again with a snapshot. It calls <see cref="TaskGrpcWatchOptions.SnapshotStarted"/>, because the view so far is
    /// void, and returns every resource that matches. It cannot return the changes in between.
    /// </summary>
    SnapshotAgain,
}
