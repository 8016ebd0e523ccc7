namespace TaskGrpc.Faults.Tests;

/// <summary>Bugs known from similar systems. <see cref="KnownBugStore"/> brings one back.</summary>
public enum KnownBug
{
    /// <summary>No bug.</summary>
    None,

    /// <summary>The store reads the head after the log, so progress names the log's end and not the last change sent.</summary>
    ProgressAheadOfCursor,

    /// <summary>The store reads the log after the check that the log reaches back far enough.</summary>
    CompactionCheckedBeforeRead,

    /// <summary>A watch gets the first page of a catch-up, and loses the rest.</summary>
    DroppingQueue,

    /// <summary>Watches receive a change that a crash can still undo.</summary>
    PublishBeforeCommit,

    /// <summary>Workers receive a claim that is never committed.</summary>
    ClaimBeforeCommit,
}
