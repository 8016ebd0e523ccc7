using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>Runs every call of the contract over gRPC: admits it, handles it, or refuses it with a status and its details.</summary>
internal sealed class GrpcCalls(Admission admission, Refusals refusals, LongestCall longest, TimeProvider time)
{
    public async Task<Answer> AnswerAsync(ServedCall served, IMessage request, ServerCallContext context)
    {
        var own = DeadlineOf(context);
        var deadline = longest.DeadlineOf(served, own);
        // The framework ends a call at the caller's own deadline.
        using var over = deadline == own ? null : new CancellationTokenSource(deadline!.Value - time.GetUtcNow(), time);
        using var ended = over is null ? null : CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, over.Token);
        var call = new Call(context.Method, deadline, ended?.Token ?? context.CancellationToken, over?.Token ?? default);
        try
        {
            await admission.AdmitAsync(call, served.ScopeOf(request), new HttpCredentials(context.GetHttpContext()));
            var answer = served.Handler.Answer!(request, call);
            return await (ended is null ? answer : answer.WaitAsync(ended.Token));
        }
        catch (Exception exception)
        {
            throw Refused(exception, call, context);
        }
    }

    public async Task StreamAsync(ServedCall served, IMessage request, IServerStreamWriter<Answer> stream, ServerCallContext context)
    {
        var call = new Call(context.Method, DeadlineOf(context), context.CancellationToken);
        var http = context.GetHttpContext();
        var sink = new GrpcSink(stream, http.Response.BodyWriter);
        try
        {
            await admission.AdmitAsync(
                call, served.ScopeOf(request), new HttpCredentials(http), () => served.Handler.Stream!(request, call, sink));
        }
        catch (Exception exception)
        {
            throw Refused(exception, call, context);
        }
    }

    /// <summary>Turns a failure into the exception that gRPC sends.</summary>
    public RpcException Refused(Exception exception, ServerCallContext context) =>
        Refused(exception, new Call(context.Method, DeadlineOf(context), context.CancellationToken), context);

    private RpcException Refused(Exception exception, Call call, ServerCallContext context)
    {
        if (exception is RpcException told)
        {
            return told;
        }

        var refusal = refusals.Of(exception, call);
        if (refusal.RetryAfter is { } delay)
        {
            context.ResponseTrailers.Add(Pushback.Of(delay));
        }

        return refusal.Status.ToRpcException();
    }

    /// <summary>The caller's own deadline, which the framework has in UTC; null for none.</summary>
    private static DateTimeOffset? DeadlineOf(ServerCallContext context) =>
        context.Deadline == DateTime.MaxValue ? null : new DateTimeOffset(context.Deadline, TimeSpan.Zero);
}
