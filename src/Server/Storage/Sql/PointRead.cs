namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The prepared read of one resource by its id and organization, from one table over one connection.</summary>
internal abstract class PointRead : IDisposable
{
    /// <summary>The statement for a table; its parameters are bound in the order id, organization.</summary>
    protected static string Of(string table) =>
        $"SELECT version, revision, updated_at, body FROM {table} WHERE id = @id AND organization_id = @organization";

    public abstract StoredBody? Find(string organizationId, Guid id);

    public abstract void Dispose();
}
