using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>A table, by the properties of its row.</summary>
internal sealed class SqliteTable(Type row, params string[] keys)
{
    public Type Row { get; } = row;

    public string[] Keys { get; } = keys;

    /// <summary>What an update leaves as it is.</summary>
    public IReadOnlyList<string> SetOnce { get; init; } = [];

    /// <summary>What the database gives each row by itself: the order of commits.</summary>
    public string? Numbered { get; init; }

    /// <summary>Properties that have no column here.</summary>
    public string[] Without { get; init; } = [];

    public string Name => TableNames.Of(Row);

    public Column[] Columns() => [.. Row.GetProperties().Where(property => property.CanWrite && !Without.Contains(property.Name)).Select(property => new Column(property))];
}
