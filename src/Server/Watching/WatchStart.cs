using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>The start of a watch, checked against the log's head.</summary>
internal static class WatchStart
{
    /// <exception cref="Fault">INVALID_RESUME_TOKEN, EPOCH_CHANGED, REVISION_COMPACTED, REVISION_IN_FUTURE, INVALID_FIELD.</exception>
    public static LogPosition Of(WatchRequest request, string organizationId, LogHead head)
    {
        var revision = request.StartCase switch
        {
            WatchRequest.StartOneofCase.AfterRevision => Revision(request.AfterRevision, head),
            WatchRequest.StartOneofCase.ResumeToken => Token(ResumeToken.Parse(request.ResumeToken, organizationId), head),
            _ => head.Revision,
        };
        ChangeFeed.RequireKept(revision, head);
        return LogPosition.After(revision);
    }

    private static long Revision(long revision, LogHead head)
    {
        if (revision < 0)
        {
            throw Fault.InvalidField("after_revision", "must not be negative; 0 starts at revision 1");
        }

        ChangeFeed.RequireTaken(revision, head);
        return revision;
    }

    private static long Token(ResumeToken token, LogHead head)
    {
        // Release 0.1.0 issued such tokens before an organization's first change. Nothing before revision 1 can be lost.
        var isBeforeEverything = token.Revision == 0 && token.Epoch == Guid.Empty;
        return isBeforeEverything || (token.Epoch == head.Epoch && token.Revision <= head.Revision)
            ? token.Revision
            : throw EpochChanged();
    }

    public static Fault EpochChanged() =>
        new(
            ErrorReason.EpochChanged,
            "The log was restored or lost its end after the server issued this token. Take a new snapshot and continue from its token.");
}
