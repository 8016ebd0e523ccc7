namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>A row of a snapshot's read.</summary>
/// <param name="CreatedAt">When the resource was created.</param>
/// <param name="Id">The resource.</param>
/// <param name="Revision">The revision that made its present state.</param>
/// <param name="Body">Its present state; null if it cannot have matched at the snapshot's revision.</param>
internal sealed record SnapshotRow(DateTimeOffset CreatedAt, Guid Id, long Revision, byte[]? Body);
