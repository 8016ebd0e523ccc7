using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>
/// INSERT, UPDATE and DELETE of any number of rows of one table in one statement each. EF's model provides the columns, so that each is
/// declared once. A batch of 64 creates costs the database three statements instead of 192.
/// </summary>
internal sealed class PostgresRowStatements
{
    private readonly PostgresColumn[] _all;
    private readonly PostgresColumn[] _changed;
    private readonly PostgresColumn[] _keys;
    private readonly string _insert;
    private readonly string _update;
    private readonly string _delete;

    public PostgresRowStatements(IEntityType entity, StoredValues values)
    {
        var table = entity.GetTableName()!;
        _all = [.. entity.GetProperties().Select(property => PostgresColumn.Of(property, values))];
        _keys = [.. _all.Where(column => column.Property.IsPrimaryKey())];
        var set = _all.Except(_keys).Where(column => column.Property.GetAfterSaveBehavior() == PropertySaveBehavior.Save).ToArray();
        _changed = [.. set, .. _keys];
        var where = string.Join(" AND ", _keys.Select(key => $"stored.{key.Name} = given.{key.Name}"));

        _insert = $"INSERT INTO {table} ({Names(_all)}) SELECT * FROM unnest({Arrays(_all)})";
        _update = $"UPDATE {table} AS stored SET {string.Join(", ", set.Select(column => $"{column.Name} = given.{column.Name}"))} FROM unnest({Arrays(_changed)}) AS given ({Names(_changed)}) WHERE {where}";
        _delete = $"DELETE FROM {table} AS stored USING unnest({Arrays(_keys)}) AS given ({Names(_keys)}) WHERE {where}";
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

    private static string Names(IEnumerable<PostgresColumn> columns) => string.Join(", ", columns.Select(column => column.Name));

    private static string Arrays(IEnumerable<PostgresColumn> columns) => string.Join(", ", columns.Select((column, i) => $"${i + 1}::{column.Type}[]"));
}
