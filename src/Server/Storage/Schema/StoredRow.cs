namespace TaskGrpc.Server.Storage.Schema;

/// <summary>A row of any table, by its values.</summary>
/// <param name="table">The table.</param>
internal sealed class StoredRow(Table table)
{
    public Table Table { get; } = table;

    /// <summary>The values, by the places of the table's columns.</summary>
    public object?[] Values { get; } = new object?[table.Columns.Count];
}
