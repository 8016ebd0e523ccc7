using Grpc.Core;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Resources;

/// <summary>Hands an endpoint the caller that the identity interceptor recognised.</summary>
internal static class CallerFeature
{
    public static Caller Caller(this ServerCallContext context) =>
        context.GetHttpContext().Features.Get<Caller>()
        ?? throw new InvalidOperationException("The call has not passed the identity interceptor.");

    public static void SetCaller(this ServerCallContext context, Caller caller) => context.GetHttpContext().Features.Set(caller);
}
