using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger;

/// <summary>Who calls, as far as rules care: the organization to which everything is bound, and the actor that is recorded.</summary>
internal sealed record Caller(string OrganizationId, Actor Actor)
{
    /// <summary>Tells callers of one organization apart in the request log.</summary>
    public string Key => $"{(int)Actor.Type}:{Actor.Id}";

    /// <summary>The server itself, at work for an organization.</summary>
    public static Caller System(string organizationId) => new(organizationId, new Actor { Type = ActorType.System, Id = "system" });

    /// <summary>What a SERVICE says that it is, to be recorded in its place; null if its identity does not tell.</summary>
    public string? IntegrationType { get; init; }

    public bool IsUser => Actor.Type == ActorType.User;
}
