using Npgsql;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>
/// INSERT, UPDATE and DELETE of any number of rows of one table in one statement. A batch of 64 creates costs the database three
/// statements instead of 192.
/// </summary>
internal sealed class PostgresRowStatements
{
    private readonly PostgresColumn[] _all;
    private readonly PostgresColumn[] _changed;
    private readonly PostgresColumn[] _keys;
    private readonly string _insert;
    private readonly string _update;
    private readonly string _delete;

    public PostgresRowStatements(Table table)
    {
        var form = table.Postgres;
        PostgresColumn[] Of(IEnumerable<Column> columns) => [.. columns.Select(column => PostgresColumn.Of(table, column))];
        _all = Of(form.Columns);
        _keys = Of(form.Keys);
        _changed = Of([.. form.Updated, .. form.Keys]);
        var where = string.Join(" AND ", form.Keys.Select(key => $"stored.{key.Name} = given.{key.Name}"));
        var set = string.Join(", ", form.Updated.Select(column => $"{column.Name} = given.{column.Name}"));

        _insert = $"INSERT INTO {table.Name} ({Names(_all)}) SELECT * FROM unnest({Arrays(_all)})";
        _update = $"UPDATE {table.Name} AS stored SET {set} FROM unnest({Arrays(_changed)}) AS given ({Names(_changed)}) WHERE {where}";
        _delete = $"DELETE FROM {table.Name} AS stored USING unnest({Arrays(_keys)}) AS given ({Names(_keys)}) WHERE {where}";
    }

    public NpgsqlBatchCommand Insert(IReadOnlyList<object> rows) => Command(_insert, _all, rows);

    public NpgsqlBatchCommand Update(IReadOnlyList<object> rows) => Command(_update, _changed, rows);

    public NpgsqlBatchCommand Delete(IReadOnlyList<object> rows) => Command(_delete, _keys, rows);

    /// <summary>A row's key as text.</summary>
    public string KeyOf(object row) => string.Join('\n', _keys.Select(key => key.Column.ValueOf(row)));

    private static NpgsqlBatchCommand Command(string sql, PostgresColumn[] columns, IReadOnlyList<object> rows)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var column in columns)
        {
            command.Parameters.Add(column.Parameter(rows));
        }

        return command;
    }

    private static string Names(IEnumerable<PostgresColumn> columns) => TableForm.Names(columns.Select(column => column.Column));

    private static string Arrays(IEnumerable<PostgresColumn> columns) =>
        string.Join(", ", columns.Select((column, i) => $"${i + 1}::{column.Type}[]"));
}
