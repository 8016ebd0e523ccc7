using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// The prepared INSERT, UPDATE and DELETE of one table on one connection. EF's own SaveChanges costs twenty times the allocation here.
/// </summary>
internal sealed class SqliteRowStatements : IDisposable
{
    private readonly Statement _insert;
    private readonly Statement? _update;
    private readonly Statement _delete;

    public SqliteRowStatements(SqliteConnection connection, SqliteTable described)
    {
        var (table, columns) = (described.Name, described.Columns());
        var keys = columns.Where(column => described.Keys.Contains(column.Property)).ToArray();
        var inserted = columns.Where(column => column.Property != described.Numbered).ToArray();
        var updated = columns.Except(keys).Where(column => !described.SetOnce.Contains(column.Property)).ToArray();
        var where = string.Join(" AND ", keys.Select(column => $"{column.Name} = ?"));

        _insert = new Statement(connection, $"INSERT INTO {table} ({Names(inserted)}) VALUES ({string.Join(", ", inserted.Select(_ => "?"))})", inserted);
        _delete = new Statement(connection, $"DELETE FROM {table} WHERE {where}", keys);
        if (updated.Length > 0)
        {
            _update = new Statement(connection, $"UPDATE {table} SET {string.Join(", ", updated.Select(column => $"{column.Name} = ?"))} WHERE {where}", [.. updated, .. keys]);
        }
    }

    public void Insert(object row) => _insert.Execute(row);

    public void Update(object row) => _update!.Execute(row);

    public void Delete(object row) => _delete.Execute(row);

    public void Dispose()
    {
        _insert.Dispose();
        _update?.Dispose();
        _delete.Dispose();
    }

    private static string Names(IEnumerable<Column> columns) => string.Join(", ", columns.Select(column => column.Name));

    /// <summary>One prepared statement whose parameters are columns of a row.</summary>
    private sealed class Statement(SqliteConnection connection, string sql, Column[] columns) : IDisposable
    {
        private readonly SqliteStatement _statement = new(connection, sql);

        public void Execute(object row)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                _statement.Bind(i + 1, columns[i].ValueOf(row));
            }

            if (_statement.Execute() != 1)
            {
                throw new RowMismatchException($"A statement of the commit path changed no row or several: {sql}");
            }
        }

        public void Dispose() => _statement.Dispose();
    }
}
