using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>One log entry in memory: what decides whether a watcher gets it, and the bytes to send.</summary>
/// <param name="Revision">The revision that made the change.</param>
/// <param name="Ordinal">The position within the revision, from 0.</param>
/// <param name="Remaining">How many changes of the revision follow; 0 completes it.</param>
/// <param name="Kind">The kind of the resource.</param>
/// <param name="ResourceId">The resource.</param>
/// <param name="Type">The type of the change.</param>
/// <param name="Body">The Change message's bytes.</param>
internal sealed record LoggedChange(
    long Revision, int Ordinal, int Remaining, ResourceKind Kind, Guid ResourceId, ChangeType Type, byte[] Body)
{
    /// <summary>The states of larger changes are not kept: what memory holds of the log is bounded by the bodies.</summary>
    private const int MostKept = 4096;

    private ChangedStates? _states;

    /// <summary>The states before and after, for filters; worked out once for all watches, by the first that needs them.</summary>
    public ChangedStates States(KindDefinition kind)
    {
        var states = _states ?? ChangedStates.Of(kind, Change.Parser.ParseFrom(Body));
        return Body.Length <= MostKept ? _states = states : states;
    }

    public static LoggedChange Of(ChangeRow row) =>
        new(row.Revision, row.Ordinal, row.Remaining, (ResourceKind)row.Kind, row.ResourceId, (ChangeType)row.Type, row.Body);
}
