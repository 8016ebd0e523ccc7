using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>A table, described by its row's properties.</summary>
internal sealed class SqliteTable(Type row, params string[] keys)
{
    public Type Row { get; } = row;

    public string[] Keys { get; } = keys;

    /// <summary>The properties that an UPDATE never sets.</summary>
    public IReadOnlyList<string> SetOnce { get; init; } = [];

    /// <summary>The property that the database numbers in the order of commits; null for none.</summary>
    public string? Numbered { get; init; }

    /// <summary>The properties without a column on SQLite.</summary>
    public string[] Without { get; init; } = [];

    public string Name => TableNames.Of(Row);

    public Column[] Columns() => [.. Row.GetProperties().Where(property => property.CanWrite && !Without.Contains(property.Name)).Select(property => new Column(property))];
}
