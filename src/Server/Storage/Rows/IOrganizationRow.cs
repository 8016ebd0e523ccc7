namespace TaskGrpc.Server.Storage.Rows;

/// <summary>A row that belongs to one organization; every query of it is bound to that organization by <see cref="TaskDb"/>.</summary>
internal interface IOrganizationRow
{
    string OrganizationId { get; }
}
