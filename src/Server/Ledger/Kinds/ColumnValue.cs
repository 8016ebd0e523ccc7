namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>What a column holds of a resource.</summary>
/// <param name="Name">The column.</param>
/// <param name="Of">Its value.</param>
/// <param name="IsCompared">
/// Whether an update may leave it out if two states have the same value. Not if the value also depends on settings, or is long to make.
/// </param>
internal sealed record ColumnValue<T>(string Name, Func<T, object?> Of, bool IsCompared);
