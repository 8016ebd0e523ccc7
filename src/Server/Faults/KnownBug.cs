namespace TaskGrpc.Server.Faults;

/// <summary>
/// Bugs that systems like this one have had, which a fault test can bring back to prove that it would notice. Compiled into Debug
/// builds only; the environment variable TASKGRPC_KNOWN_BUG names the one that is back.
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
    private static readonly string? Chosen = Environment.GetEnvironmentVariable("TASKGRPC_KNOWN_BUG");

    public static bool IsBack(string bug) => Chosen == bug;
#else
    public static bool IsBack(string bug) => false;
#endif
}
