using Grpc.Core;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Hosting.Identity;

/// <summary>
/// While no issuer is configured the server listens on loopback only, grants everything, and believes the metadata x-organization-id,
/// x-actor-id and x-actor-type; absent: USER 'anonymous' of the organization 'default'.
/// </summary>
internal sealed class LoopbackCallers : ICallers
{
    public ValueTask<Identified> IdentifyAsync(Metadata headers, CancellationToken cancellationToken)
    {
        var actor = new Actor { Id = Text(headers, "x-actor-id") ?? "anonymous", Type = TypeOf(headers.GetValue("x-actor-type")) };
        return new(new Identified(new Caller(Text(headers, "x-organization-id") ?? "default", actor), Scopes: null, Until: null));
    }

    private static string? Text(Metadata headers, string key)
    {
        var text = headers.GetValue(key);
        return text is null || ActorNames.IsName(text)
            ? text
            : throw Invalid($"The metadata {key} must have 1 to {ActorNames.MostCharacters} characters and not be blank.");
    }

    private static ActorType TypeOf(string? text) => text is null ? ActorType.User
        : ActorNames.TypeOf(text) ?? throw Invalid("The metadata x-actor-type must be 'user', 'agent' or 'service'.");

    private static Fault Invalid(string message) => new(ErrorReason.TokenInvalid, message);
}
