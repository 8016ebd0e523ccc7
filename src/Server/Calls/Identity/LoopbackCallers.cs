using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>
/// Identifies callers by the metadata x-organization-id, x-actor-id and x-actor-type, without proof, and grants every scope: without an
/// issuer the server listens on loopback only. The default is USER 'anonymous' of the organization 'default'.
/// </summary>
internal sealed class LoopbackCallers : ICallers
{
    public ValueTask<Identified> IdentifyAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        var actor = new Actor { Id = Text(credentials, "x-actor-id") ?? "anonymous", Type = TypeOf(credentials.Metadata("x-actor-type")) };
        return new(new Identified(new Caller(Text(credentials, "x-organization-id") ?? "default", actor), Scopes: null, Until: null));
    }

    private static string? Text(Credentials credentials, string key)
    {
        var text = credentials.Metadata(key);
        return text is null || ActorNames.IsName(text)
            ? text
            : throw Invalid($"The metadata {key} {ActorNames.Rule}.");
    }

    private static ActorType TypeOf(string? text) => text is null ? ActorType.User
        : ActorNames.TypeOf(text) ?? throw Invalid("The metadata x-actor-type must be 'user', 'agent' or 'service'.");

    private static Fault Invalid(string message) => new(ErrorReason.TokenInvalid, message);
}
