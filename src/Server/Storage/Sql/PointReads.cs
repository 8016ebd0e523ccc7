using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The reads of one resource by its id, for every kind's table.</summary>
internal sealed class PointReads(StoreConnection db) : IDisposable
{
    private readonly Dictionary<Table, PointRead> _find = Tables.Resources.ToDictionary(table => table, table => db.PointRead(table.Name));

    public StoredBody? Find(Table table, string organizationId, Guid id) => _find[table].Find(organizationId, id);

    public void Dispose()
    {
        foreach (var read in _find.Values)
        {
            read.Dispose();
        }
    }
}
