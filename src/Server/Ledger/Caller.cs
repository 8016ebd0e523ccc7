using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger;

/// <summary>Who calls, as far as rules care: the organization to which everything is bound, and the actor that is recorded.</summary>
internal sealed record Caller(string OrganizationId, Actor Actor)
{
    /// <summary>Tells callers of one organization apart in the request log.</summary>
    public string Key { get; } = $"{(int)Actor.Type}:{Actor.Id}";

    public bool IsUser => Actor.Type == ActorType.User;
}
