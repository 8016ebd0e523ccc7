using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// The tables as the commit path writes them. The log and the requests are appended to, whoever's they are; ids lead, since UUIDv7 appends
/// too, wherever an organization would scatter. EF's model is made from this, and not the other way round: a start would wait for it.
/// </summary>
internal static class SqliteTables
{
    /// <summary>What is true of a place in the schedule of deliveries that is not held back.</summary>
    public const string NotHeld = "held = 0";

    public static IReadOnlyList<SqliteTable> All { get; } =
    [
        .. TableNames.Resources.Select(row => new SqliteTable(row, nameof(ResourceRow.Id)) { SetOnce = ResourceRow.SetOnce }),
        new(typeof(OrganizationRow), nameof(OrganizationRow.Id)),
        new(typeof(SubtaskRow), nameof(SubtaskRow.ParentId), nameof(SubtaskRow.ChildId)),
        new(typeof(ChangeRow), nameof(ChangeRow.Sequence)) { Numbered = nameof(ChangeRow.Sequence) },
        new(typeof(RequestRow), nameof(RequestRow.Sequence)) { Numbered = nameof(RequestRow.Sequence) },
        new(typeof(SigningSecretRow), nameof(SigningSecretRow.Id)),
        // There are no other replicas from which anything would have to be kept.
        new(typeof(DueDeliveryRow), nameof(DueDeliveryRow.OrganizationId), nameof(DueDeliveryRow.TaskId), nameof(DueDeliveryRow.DeliveryId)) { Without = [nameof(DueDeliveryRow.ReservedBy), nameof(DueDeliveryRow.ReservedUntil)] },
    ];
}
