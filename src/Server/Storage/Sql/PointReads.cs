using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The reads of one resource by its id, for every kind's table.</summary>
internal sealed class PointReads(StoreConnection db) : IDisposable
{
    private readonly Dictionary<Type, PointRead> _find = TableNames.Resources.ToDictionary(row => row, row => db.PointRead(TableNames.Of(row)));

    public StoredBody? Find(Type row, string organizationId, Guid id) => _find[row].Find(organizationId, id);

    public void Dispose()
    {
        foreach (var read in _find.Values)
        {
            read.Dispose();
        }
    }
}
