using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>Every call of the contract as gRPC brings it: admitted, handled, and refused by a status with its details.</summary>
internal sealed class GrpcCalls(Admission admission, Refusals refusals)
{
    public async Task<Answer> AnswerAsync(ServedCall served, IMessage request, ServerCallContext context)
    {
        var call = CallOf(context);
        try
        {
            await admission.AdmitAsync(call, served.Scope, new HttpCredentials(context.GetHttpContext()));
            return await served.Handler.Answer!(request, call);
        }
        catch (Exception exception)
        {
            throw Refused(exception, call, context);
        }
    }

    public async Task StreamAsync(ServedCall served, IMessage request, IServerStreamWriter<Answer> stream, ServerCallContext context)
    {
        var call = CallOf(context);
        var http = context.GetHttpContext();
        var sink = new GrpcSink(stream, http.Response.BodyWriter);
        try
        {
            await admission.AdmitAsync(call, served.Scope, new HttpCredentials(http), () => served.Handler.Stream!(request, call, sink));
        }
        catch (Exception exception)
        {
            throw Refused(exception, call, context);
        }
    }

    /// <summary>Puts a refusal on the wire.</summary>
    public RpcException Refused(Exception exception, ServerCallContext context) => Refused(exception, CallOf(context), context);

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

    private static Call CallOf(ServerCallContext context)
    {
        // UTC, as the framework has it; the calendar's end where there is none.
        var deadline = context.Deadline == DateTime.MaxValue ? (DateTimeOffset?)null : new DateTimeOffset(context.Deadline, TimeSpan.Zero);
        return new Call(context.Method, deadline, context.CancellationToken);
    }
}
