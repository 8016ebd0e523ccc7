namespace TaskGrpc.Server.Storage.Schema.Rows;

/// <summary>A row of one organization. <see cref="TaskDb.Own{TRow}"/> restricts every query of a caller to it.</summary>
internal interface IOrganizationRow
{
    string OrganizationId { get; }
}
