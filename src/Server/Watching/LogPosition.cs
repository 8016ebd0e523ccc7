using TaskGrpc.Server.Ledger.Committing;

namespace TaskGrpc.Server.Watching;

/// <summary>A position in the log: everything up to this change has been read.</summary>
/// <param name="Revision">The revision of the last change that was read.</param>
/// <param name="Ordinal">Its ordinal within the revision; <see cref="Complete"/> once the whole revision has been read.</param>
internal readonly record struct LogPosition(long Revision, int Ordinal)
{
    private const int Complete = int.MaxValue;

    /// <summary>The last revision that has been read to its end, which a watch reports as progress.</summary>
    public long Progress => IsComplete ? Revision : Revision - 1;

    public bool IsComplete => Ordinal == Complete;

    public static LogPosition After(long revision) => new(revision, Complete);

    public static LogPosition After(LoggedChange change) => new(change.Revision, change.Remaining == 0 ? Complete : change.Ordinal);
}
