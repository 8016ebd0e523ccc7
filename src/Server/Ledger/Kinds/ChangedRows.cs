using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>A resource's rows before and after a change, for filters.</summary>
/// <param name="Before">The state before; null at creation.</param>
/// <param name="After">The state after.</param>
internal sealed record ChangedRows(ResourceRow? Before, ResourceRow After)
{
    public static ChangedRows Of(KindDefinition kind, Change change)
    {
        var before = kind.Before(change);
        return new ChangedRows(before is null ? null : kind.ToRow(before), kind.ToRow(kind.After(change)));
    }
}
