namespace TaskGrpc.Server.Storage.Sql;

/// <summary>The prepared read of one resource of one table by its id, on one connection. It always asks for the organization too.</summary>
internal abstract class PointRead : IDisposable
{
    /// <summary>The question, of a table; its parameters are told in the order id, organization.</summary>
    protected static string Of(string table) => $"SELECT version, revision, updated_at, body FROM {table} WHERE id = @id AND organization_id = @organization";

    public abstract StoredBody? Find(string organizationId, Guid id);

    public abstract void Dispose();
}
