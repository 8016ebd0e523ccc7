namespace TaskGrpc.Faults.Tests;

/// <summary>Bugs that systems like this one have had. <see cref="KnownBugStore"/> brings one back.</summary>
public enum KnownBug
{
    /// <summary>The store as it is.</summary>
    None,

    /// <summary>The head is read later than the log: progress tells how far the log has come, not how far the watch has.</summary>
    ProgressAheadOfCursor,

    /// <summary>The log is read later than the check that it reaches back far enough.</summary>
    CompactionCheckedBeforeRead,

    /// <summary>A watch gets the first page of what it has missed, and the rest is dropped.</summary>
    DroppingQueue,

    /// <summary>Watchers see a change that a crash can still undo.</summary>
    PublishBeforeCommit,
}
