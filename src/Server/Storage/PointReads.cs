using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Storage.Rows;

namespace TaskGrpc.Server.Storage;

/// <summary>The prepared read of one resource by its id, for every kind's table. It always asks for the organization too.</summary>
internal sealed class PointReads : IDisposable
{
    private readonly StoredValues _values;
    private readonly Dictionary<Type, Query> _find;

    public PointReads(TaskDb db, StoredValues values)
    {
        _values = values;
        _find = db.Model.GetEntityTypes()
            .Where(entity => typeof(ResourceRow).IsAssignableFrom(entity.ClrType))
            .ToDictionary(
                entity => entity.ClrType,
                entity => new Query(db, $"SELECT version, revision, updated_at, body FROM {entity.GetTableName()} WHERE id = @id AND organization_id = @organization", "@id", "@organization"));
    }

    public StoredBody? Find(Type row, string organizationId, Guid id)
    {
        using var reader = _find[row].Read(_values.Of(id), organizationId);
        return reader.Read() ? new StoredBody(reader.GetInt64(0), reader.GetInt64(1), _values.Moment(reader, 2), reader.GetFieldValue<byte[]>(3)) : null;
    }

    public void Dispose()
    {
        foreach (var query in _find.Values)
        {
            query.Dispose();
        }
    }
}
