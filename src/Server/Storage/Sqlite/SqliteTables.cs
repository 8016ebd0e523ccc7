using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// The tables as the commit path writes them. All organizations append to the same end of the log and of the requests. Other keys begin
/// with an id, since UUIDv7 appends too, where an organization would scatter the rows. EF's model is made from this list; made the other
/// way round, the list would make a start wait for the model.
/// </summary>
internal static class SqliteTables
{
    /// <summary>The condition that a scheduled delivery is not held.</summary>
    public const string NotHeld = "held = 0";

    public static IReadOnlyList<SqliteTable> All { get; } =
    [
        .. TableNames.Resources.Select(row => new SqliteTable(row, nameof(ResourceRow.Id)) { SetOnce = ResourceRow.SetOnce }),
        new(typeof(OrganizationRow), nameof(OrganizationRow.Id)),
        new(typeof(SubtaskRow), nameof(SubtaskRow.ParentId), nameof(SubtaskRow.ChildId)),
        new(typeof(ChangeRow), nameof(ChangeRow.Sequence)) { Numbered = nameof(ChangeRow.Sequence) },
        new(typeof(RequestRow), nameof(RequestRow.Sequence)) { Numbered = nameof(RequestRow.Sequence) },
        new(typeof(SigningSecretRow), nameof(SigningSecretRow.Id)),
        // SQLite has no other replicas to reserve anything from.
        new(typeof(DueDeliveryRow), nameof(DueDeliveryRow.OrganizationId), nameof(DueDeliveryRow.TaskId), nameof(DueDeliveryRow.DeliveryId)) { Without = [nameof(DueDeliveryRow.ReservedBy), nameof(DueDeliveryRow.ReservedUntil)] },
    ];
}
