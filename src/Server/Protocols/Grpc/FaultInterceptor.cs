using System.Globalization;
using Grpc.Core;
using Grpc.Core.Interceptors;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>Puts refusals on the wire, and turns whatever nobody foresaw into an incident id: no stack trace, SQL or path leaves.</summary>
internal sealed class FaultInterceptor(FaultMetrics metrics, StoreOutages outages, TimeProvider time, ILogger<FaultInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translate(exception, context);
        }
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(() => continuation(request, responseStream, context), context);

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardAsync(() => continuation(requestStream, responseStream, context), context);

    private async Task GuardAsync(Func<Task> stream, ServerCallContext context)
    {
        try
        {
            await stream();
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translate(exception, context);
        }
    }

    private RpcException Translate(Exception exception, ServerCallContext context)
    {
        if (exception is Fault fault)
        {
            return Refuse(fault, context);
        }

        if (context.CancellationToken.IsCancellationRequested)
        {
            // The caller has gone or its time is up; what went wrong after that, nobody waits for.
            var late = context.Deadline <= time.GetUtcNow().UtcDateTime;
            return new RpcException(new Status(late ? StatusCode.DeadlineExceeded : StatusCode.Cancelled, "The call was cancelled."));
        }

        var failure = StorageFailures.Of(exception);
        if (failure is { } outage and not StorageFailure.Refused)
        {
            return Refuse(Outage(outage, exception, context), context);
        }

        if (StorageFailures.AreKeysUnusable(exception))
        {
            const string Advice = "This server cannot use its keys and shuts down. Nothing was changed. Retry at another replica, or here after the restart.";
            return Refuse(new Fault(ErrorReason.Draining, Advice), context);
        }

        var incidentId = Guid.NewGuid();
        logger.Unexpected(exception, incidentId, context.Method);
        // A refusal by the database is a known outcome: a retry would meet it again.
        var what = failure is null ? "The server met a fault of its own." : "The database refused this, and nothing was changed.";
        var unexpected = new Fault(ErrorReason.Unexpected, $"{what} Report the incident_id in the details to the server's operator.");
        return Refuse(unexpected.With("incident_id", incidentId.ToString()), context);
    }

    private Fault Outage(StorageFailure failure, Exception exception, ServerCallContext context)
    {
        if (failure is StorageFailure.Lost or StorageFailure.Busy or StorageFailure.Held or StorageFailure.Full)
        {
            outages.Failed(failure, exception);
        }
        else
        {
            logger.StoreFailed(exception, context.Method);
        }

        return failure == StorageFailure.Full
            ? StoreFaults.Full()
            : new Fault(ErrorReason.StorageUnavailable, "The store did not answer. If this was a change its outcome is unknown: retry with the same request_id.");
    }

    private RpcException Refuse(Fault fault, ServerCallContext context)
    {
        var reason = ErrorReasons.Of(fault.Reason).Name;
        metrics.Refused(reason);
        logger.Refused(context.Method, reason);
        if (fault.RetryAfter is { } delay)
        {
            // What RetryInfo says to people, in the form that gRPC's own retry understands; not a fraction earlier.
            context.ResponseTrailers.Add("grpc-retry-pushback-ms", ((long)Math.Ceiling(delay.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture));
        }

        return FaultStatus.Of(fault).ToRpcException();
    }
}
