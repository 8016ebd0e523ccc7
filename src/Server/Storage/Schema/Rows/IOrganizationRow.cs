namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>A row that belongs to one organization; every query of a caller is bound to that organization by <see cref="TaskDb.Own{TRow}"/>.</summary>
internal interface IOrganizationRow
{
    string OrganizationId { get; }
}
