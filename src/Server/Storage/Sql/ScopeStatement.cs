namespace TaskGrpc.Server.Storage.Sql;

/// <summary>A statement that begins or ends a series of reads, with the organization as a parameter if its text has one.</summary>
internal sealed class ScopeStatement
{
    private readonly Query? _query;
    private readonly bool _hasScope;

    /// <param name="db">The database.</param>
    /// <param name="sql">The statement, with or without the parameters @organization and @scope; null for none.</param>
    public ScopeStatement(StoreConnection db, string? sql)
    {
        _hasScope = sql?.Contains("@organization", StringComparison.Ordinal) == true;
        _query = sql is null ? null : _hasScope ? db.Prepare(sql, "@organization", "@scope") : db.Prepare(sql);
    }

    /// <param name="organizationId">The organization; empty for the server's own work, which concerns all of them.</param>
    public void Say(string organizationId)
    {
        if (_hasScope)
        {
            _query!.Execute(organizationId, organizationId.Length == 0 ? "all" : "own");
        }
        else
        {
            _query?.Execute();
        }
    }
}
