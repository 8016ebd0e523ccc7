namespace TaskGrpc.Server.Storage.Schema;

/// <summary>A table as one database has it.</summary>
/// <param name="table">The table.</param>
/// <param name="key">The properties of its primary key, in order.</param>
/// <param name="columns">Its columns.</param>
internal sealed class TableForm(Table table, IReadOnlyList<string> key, IReadOnlyList<Column> columns)
{
    public Table Table { get; } = table;

    public IReadOnlyList<string> Key { get; } = key;

    public IReadOnlyList<Column> Columns { get; } = columns;

    /// <summary>The columns of the key.</summary>
    public Column[] Keys { get; } = [.. key.Select(property => columns.Single(column => column.Property == property))];

    /// <summary>The columns that an update sets.</summary>
    public Column[] Updated { get; } =
        [.. columns.Where(column => !key.Contains(column.Property) && !table.SetOnce.Contains(column.Property))];

    public static string Names(IEnumerable<Column> columns) => string.Join(", ", columns.Select(column => column.Name));
}
