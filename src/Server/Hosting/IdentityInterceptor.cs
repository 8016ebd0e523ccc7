using Grpc.Core;
using Grpc.Core.Interceptors;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Recognises the caller of every call. While no issuer is configured the server listens on loopback only, and believes the
/// metadata x-organization-id, x-actor-id and x-actor-type; absent: USER 'anonymous' of the organization 'default'.
/// </summary>
internal sealed class IdentityInterceptor : Interceptor
{
    private const int MostCharacters = 256;

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        context.SetCaller(CallerOf(context.RequestHeaders));
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        context.SetCaller(CallerOf(context.RequestHeaders));
        return continuation(request, responseStream, context);
    }

    private static Caller CallerOf(Metadata metadata) => new(
        Text(metadata, "x-organization-id") ?? "default",
        new Actor { Id = Text(metadata, "x-actor-id") ?? "anonymous", Type = TypeOf(metadata.GetValue("x-actor-type")) });

    private static string? Text(Metadata metadata, string key)
    {
        var text = metadata.GetValue(key);
        return text is null || (!string.IsNullOrWhiteSpace(text) && text.Length <= MostCharacters)
            ? text
            : throw Invalid($"The metadata {key} must have 1 to {MostCharacters} characters and not be blank.");
    }

    private static ActorType TypeOf(string? text) => text switch
    {
        null or "user" => ActorType.User,
        "agent" => ActorType.Agent,
        "service" => ActorType.Service,
        _ => throw Invalid("The metadata x-actor-type must be 'user', 'agent' or 'service'."),
    };

    private static Fault Invalid(string message) => new(ErrorReason.TokenInvalid, message);
}
