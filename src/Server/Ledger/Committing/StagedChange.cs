using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>A command's change to one resource, before it has a revision.</summary>
/// <param name="Kind">The resource's kind.</param>
/// <param name="Id">The resource.</param>
/// <param name="Before">The state before; null at creation.</param>
/// <param name="After">The state after.</param>
/// <param name="Version">The version of the state after.</param>
/// <param name="Actor">Who made it.</param>
/// <param name="Reason">Why; null or empty for no reason.</param>
/// <param name="ChangedAt">When.</param>
internal sealed record StagedChange(
    KindDefinition Kind, Guid Id, IResource? Before, IResource After, long Version, Actor Actor, string? Reason, Timestamp ChangedAt)
{
    public ChangeType Type { get; } =
        Before is null ? ChangeType.Created
        : Kind.IsDeleted(After) ? ChangeType.Deleted
        : Kind.StatusOf(Before) != Kind.StatusOf(After) ? ChangeType.Transitioned
        : ChangeType.Updated;

    /// <summary>The log entry that watchers get.</summary>
    public Change ToChange(long revision)
    {
        var change =
            new Change { Revision = revision, ChangedAt = ChangedAt, Actor = Actor, Type = Type, ChangedFields = new FieldMask() };
        if (!string.IsNullOrEmpty(Reason))
        {
            change.Reason = Reason;
        }

        var to = Kind.StatusOf(After);
        if (Before is null)
        {
            change.Transition = new Transition { To = Kind.StatusName(to) };
            Kind.Put(change, After, previous: null);
            return change;
        }

        var from = Kind.StatusOf(Before);
        if (from != to)
        {
            change.Transition = new Transition { From = Kind.StatusName(from), To = Kind.StatusName(to) };
        }

        var previous = Kind.New();
        change.ChangedFields = FieldDiff.Between(Before, After, previous);
        Kind.Put(change, After, previous);
        return change;
    }
}
