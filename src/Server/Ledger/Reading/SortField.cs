namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>A field that order_by may name.</summary>
/// <param name="Name">The field's name on the wire.</param>
/// <param name="Column">Its column.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="IsOptional">Whether a resource may have none.</param>
internal sealed record SortField(string Name, string Column, Type Type, bool IsOptional);
