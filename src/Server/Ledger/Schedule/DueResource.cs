namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>A row of the schedule whose time has passed.</summary>
/// <param name="OrganizationId">The organization.</param>
/// <param name="Id">The resource.</param>
/// <param name="DueAt">When it became due. A command that finds another time there does nothing.</param>
internal sealed record DueResource(string OrganizationId, Guid Id, DateTimeOffset DueAt);
