namespace TaskGrpc.Server.Storage.Schema;

/// <summary>A row of any table, by its values.</summary>
/// <param name="table">The table.</param>
internal sealed class StoredRow(Table table)
{
    public Table Table { get; } = table;

    /// <summary>The values, by the places of the table's columns.</summary>
    public object?[] Values { get; } = new object?[table.Columns.Count];

    /// <summary>The columns whose values the store has already, as bits by the columns' places.</summary>
    public ulong Same { get; private set; }

    public void MarkSame(int place) => Same |= Bit(place);

    /// <summary>A column's bit; none for a column that is always written, because it is too far behind.</summary>
    public static ulong Bit(int place) => place < 64 ? 1UL << place : 0;
}
