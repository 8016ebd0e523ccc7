using Npgsql;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

internal sealed class PostgresPointRead(NpgsqlConnection connection, string table) : PointRead
{
    private readonly Query _query = new(connection, Of(table), "@id", "@organization");

    public override StoredBody? Find(string organizationId, Guid id)
    {
        using var reader = _query.Read(id, organizationId);
        return reader.Read()
            ? new StoredBody(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<byte[]>(3)) : null;
    }

    public override void Dispose() => _query.Dispose();
}
