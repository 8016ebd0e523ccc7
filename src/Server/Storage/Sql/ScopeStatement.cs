namespace TaskGrpc.Server.Storage.Sql;

/// <summary>A statement that begins or ends a stretch of reads, and is told for which organization, if it asks.</summary>
internal sealed class ScopeStatement : IDisposable
{
    private readonly Query? _query;
    private readonly bool _asks;

    /// <param name="db">The database.</param>
    /// <param name="sql">The statement, with @organization and @scope where the database is to know; null for none.</param>
    public ScopeStatement(StoreConnection db, string? sql)
    {
        _asks = sql?.Contains("@organization", StringComparison.Ordinal) == true;
        _query = sql is null ? null : _asks ? new Query(db.Connection, sql, "@organization", "@scope") : new Query(db.Connection, sql);
    }

    /// <param name="organizationId">The organization; empty for the server's own work, which concerns all of them.</param>
    public void Say(string organizationId)
    {
        if (_asks)
        {
            _query!.Execute(organizationId, organizationId.Length == 0 ? "all" : "own");
        }
        else
        {
            _query?.Execute();
        }
    }

    public void Dispose() => _query?.Dispose();
}
