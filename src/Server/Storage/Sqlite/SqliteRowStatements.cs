using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>The prepared INSERT, UPDATE and DELETE of one table on one connection.</summary>
internal sealed class SqliteRowStatements : IDisposable
{
    private readonly Statement _insert;
    private readonly Statement? _update;
    private readonly Statement _delete;

    public SqliteRowStatements(SqliteConnection connection, Table table)
    {
        var form = table.Sqlite;
        var inserted = form.Columns.Where(column => column.Property != table.Sequence).ToArray();
        var where = string.Join(" AND ", form.Keys.Select(column => $"{column.Name} = ?"));

        _insert = new Statement(
            connection, $"INSERT INTO {table.Name} ({TableForm.Names(inserted)}) VALUES ({string.Join(", ", inserted.Select(_ => "?"))})",
                inserted);
        _delete = new Statement(connection, $"DELETE FROM {table.Name} WHERE {where}", form.Keys);
        if (form.Updated.Length > 0)
        {
            var set = string.Join(", ", form.Updated.Select(column => $"{column.Name} = ?"));
            _update = new Statement(connection, $"UPDATE {table.Name} SET {set} WHERE {where}", [.. form.Updated, .. form.Keys]);
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
