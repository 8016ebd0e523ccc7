using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>Reads a resource by SQLite's own functions: ADO.NET's command and reader took a tenth of the time of a Get.</summary>
internal sealed class SqlitePointRead(SqliteConnection connection, string table) : PointRead
{
    private readonly SqliteStatement _statement = new(connection, Of(table));

    public override StoredBody? Find(string organizationId, Guid id)
    {
        _statement.Bind(1, id);
        _statement.Bind(2, organizationId);
        try
        {
            return _statement.Step()
                ? new StoredBody(_statement.Int64(0), _statement.Int64(1), SqliteValues.Moment(_statement.Int64(2)), _statement.Blob(3))
                : null;
        }
        finally
        {
            // A statement that is not reset keeps its read open, which keeps the WAL from starting over.
            _statement.Reset();
        }
    }

    public override void Dispose() => _statement.Dispose();
}
