using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger;

/// <summary>The caller as rules need it: the organization whose resources it sees, and the actor to record.</summary>
internal sealed record Caller(string OrganizationId, Actor Actor)
{
    /// <summary>Identifies a caller within its organization, for request ids.</summary>
    public string Key => $"{(int)Actor.Type}:{Actor.Id}";

    /// <summary>The server itself, as it works for an organization.</summary>
    public static Caller System(string organizationId) => new(organizationId, new Actor { Type = ActorType.System, Id = "system" });

    /// <summary>The integration_type of a SERVICE, recorded instead of its id; null if its token has none.</summary>
    public string? IntegrationType { get; init; }

    /// <summary>The W3C trace context of the call; null if it has none that is valid.</summary>
    public string? Traceparent { get; init; }

    /// <summary>Whether the caller has the scope to decide on approvals.</summary>
    public bool MayApprove { get; init; }

    public bool IsUser => Actor.Type == ActorType.User;
}
