using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// The prepared INSERT, UPDATEs and DELETE of one table on one connection. SQLite writes the entries of every index of which an UPDATE
/// names a column, whether or not its value changes. So there is an UPDATE for each set of columns that commands change together.
/// </summary>
internal sealed class SqliteRowStatements : IDisposable
{
    /// <summary>How many UPDATEs are kept; other rows are written as a whole.</summary>
    private const int MostUpdates = 64;

    private readonly SqliteConnection _connection;
    private readonly Table _table;
    private readonly Statement _insert;
    private readonly Statement _delete;
    private readonly Dictionary<ulong, Statement> _updates = [];
    private readonly string _where;

    public SqliteRowStatements(SqliteConnection connection, Table table)
    {
        (_connection, _table) = (connection, table);
        var form = table.Sqlite;
        var inserted = form.Columns.Where(column => column.Property != table.Sequence).ToArray();
        _where = string.Join(" AND ", form.Keys.Select(column => $"{column.Name} = ?"));
        _insert = new Statement(
            connection, $"INSERT INTO {table.Name} ({TableForm.Names(inserted)}) VALUES ({string.Join(", ", inserted.Select(_ => "?"))})",
                inserted);
        _delete = new Statement(connection, $"DELETE FROM {table.Name} WHERE {_where}", form.Keys);
    }

    public void Insert(object row) => _insert.Execute(row);

    public void Update(object row) => UpdateWithout(row is StoredRow stored ? stored.Same : 0).Execute(row);

    public void Delete(object row) => _delete.Execute(row);

    public void Dispose()
    {
        _insert.Dispose();
        _delete.Dispose();
        foreach (var update in _updates.Values)
        {
            update.Dispose();
        }
    }

    private Statement UpdateWithout(ulong same)
    {
        if (_updates.TryGetValue(same, out var update))
        {
            return update;
        }

        if (same != 0 && _updates.Count >= MostUpdates)
        {
            return UpdateWithout(0);
        }

        var form = _table.Sqlite;
        Column[] changed = [.. form.Updated.Where(column => (same & StoredRow.Bit(column.Place)) == 0)];
        var set = string.Join(", ", changed.Select(column => $"{column.Name} = ?"));
        return _updates[same] = new Statement(
            _connection, $"UPDATE {_table.Name} SET {set} WHERE {_where}", [.. changed, .. form.Keys]);
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
