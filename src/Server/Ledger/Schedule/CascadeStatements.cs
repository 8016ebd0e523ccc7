using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>Reads the cascades that go on.</summary>
internal sealed class CascadeStatements : IStatements<CascadeStatements>
{
    private readonly StoredValues _values;
    private readonly Query _find;

    private CascadeStatements(StoreConnection db)
    {
        _values = db.Values;
        _find = db.Prepare(
            """
            SELECT kind, actor_type, actor_id, integration_type, reason, after_at, after_id FROM cascades
            WHERE organization_id = @organization AND resource_id = @resource
            """,
            "@organization", "@resource");
    }

    /// <summary>The cascade that a resource began; null if it has ended.</summary>
    public CascadeRow? Find(string organizationId, Guid resource)
    {
        using var rows = _find.Read(organizationId, resource);
        return !rows.Read() ? null : new CascadeRow
        {
            OrganizationId = organizationId,
            ResourceId = resource,
            Kind = rows.GetInt32(0),
            ActorType = rows.GetInt32(1),
            ActorId = rows.GetString(2),
            IntegrationType = rows.IsDBNull(3) ? null : rows.GetString(3),
            Reason = rows.IsDBNull(4) ? null : rows.GetString(4),
            AfterAt = _values.Moment(rows, 5),
            AfterId = _values.Id(rows, 6),
        };
    }

    public static CascadeStatements Prepare(StoreConnection db) => new(db);
}
