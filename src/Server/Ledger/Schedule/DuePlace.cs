namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>An organization's group of one purpose with rows in the schedule.</summary>
/// <param name="OrganizationId">The organization.</param>
/// <param name="Group">The group.</param>
/// <param name="DueAt">When the first of its rows is due.</param>
internal readonly record struct DuePlace(string OrganizationId, string Group, DateTimeOffset DueAt);
