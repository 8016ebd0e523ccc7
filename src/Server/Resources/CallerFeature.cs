using Grpc.Core;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Resources;

/// <summary>Hands an endpoint the caller that the identity interceptor recognised.</summary>
internal static class CallerFeature
{
    public static Caller Caller(this ServerCallContext context) =>
        context.GetHttpContext().Features.Get<Caller>()
        ?? throw new InvalidOperationException("The call has not passed the identity interceptor.");

    /// <summary>Cancelled when the caller may no longer have what the call streams to him; never for a caller without a token.</summary>
    public static CancellationToken AdmissionOver(this ServerCallContext context) => context.GetHttpContext().Features.Get<Admission>()?.Over ?? CancellationToken.None;

    /// <summary>When the caller's token is no longer valid; null for a caller without one.</summary>
    public static DateTimeOffset? AdmittedUntil(this ServerCallContext context) => context.GetHttpContext().Features.Get<Admission>()?.Until;

    public static void SetAdmission(this ServerCallContext context, DateTimeOffset until, CancellationToken over = default) => context.GetHttpContext().Features.Set(new Admission(until, over));

    public static void SetCaller(this ServerCallContext context, Caller caller) => context.GetHttpContext().Features.Set(caller);

    private sealed record Admission(DateTimeOffset Until, CancellationToken Over);
}
