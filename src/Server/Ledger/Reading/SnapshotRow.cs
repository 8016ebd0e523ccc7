namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>A row on a walk through a kind's rows in the order of their creation.</summary>
/// <param name="CreatedAt">When the resource was created.</param>
/// <param name="Id">The resource.</param>
/// <param name="Revision">The revision that made its present state.</param>
/// <param name="Body">Its present state; null if that cannot have matched at the snapshot's revision.</param>
internal sealed record SnapshotRow(DateTimeOffset CreatedAt, Guid Id, long Revision, byte[]? Body);
