using Microsoft.EntityFrameworkCore;
using TaskGrpc.Server.Storage.Rows;

namespace TaskGrpc.Server.Storage;

/// <summary>The reads of one resource by its id, for every kind's table.</summary>
internal sealed class PointReads(TaskDb db) : IDisposable
{
    private readonly Dictionary<Type, PointRead> _find = db.Model.GetEntityTypes()
        .Where(entity => typeof(ResourceRow).IsAssignableFrom(entity.ClrType))
        .ToDictionary(entity => entity.ClrType, entity => db.PointRead(entity.GetTableName()!));

    public StoredBody? Find(Type row, string organizationId, Guid id) => _find[row].Find(organizationId, id);

    public void Dispose()
    {
        foreach (var read in _find.Values)
        {
            read.Dispose();
        }
    }
}
