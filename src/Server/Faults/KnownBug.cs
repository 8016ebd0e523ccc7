namespace TaskGrpc.Server.Faults;

/// <summary>
/// Bugs that systems like this one have had, which a test can bring back to prove that its likes would be noticed. They can come back
/// in Debug builds only.
/// </summary>
internal static class KnownBug
{
    /// <summary>A heartbeat tells how far the log has come, not how far the watch has.</summary>
    public const string ProgressAheadOfCursor = "progress-ahead-of-cursor";

    /// <summary>Watchers see a change that a crash can still undo.</summary>
    public const string PublishBeforeCommit = "publish-before-commit";

    /// <summary>The log is read in another moment than the check that it reaches back far enough.</summary>
    public const string CompactionCheckedBeforeRead = "compaction-checked-before-read";

    /// <summary>Each watch has a queue of its own, and what does not fit is dropped.</summary>
    public const string DroppingQueue = "dropping-queue";

#if FAULT_POINTS
    /// <summary>The one that is back; null for none.</summary>
    public static string? Back { get; set; }

    public static bool IsBack(string bug) => Back == bug;
#else
    public static bool IsBack(string bug) => false;
#endif
}
