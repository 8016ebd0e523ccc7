using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls;

/// <summary>
/// Lets a call pass whose caller is known, has the scope that it asks for, and does not call too often; and ends a stream when that is over.
/// Streams that are nobody's are counted.
/// </summary>
internal sealed class IdentityInterceptor(ICallers callers, RequiredScopes scopes, RequestRates rates, UnidentifiedStreams streams, RefusalLog refusals, IOptions<IdentityOptions> options, TimeProvider time) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        if (Count(await AdmitAsync(context)) is { Until: { } until })
        {
            context.SetAdmission(until);
        }

        return await continuation(request, context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var identified = Count(await AdmitAsync(context));
        using var place = PlaceOf(identified, context);
        if (identified is not { Until: { } until })
        {
            await continuation(request, responseStream, context);
            return;
        }

        using var over = new CancellationTokenSource();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        context.SetAdmission(until, over.Token);
        var guard = GuardAsync(context, until, over, done.Token);
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw new Fault(ErrorReason.TokenInvalid, "The token or certificate with which this stream was opened is no longer valid. Get a new one and resume with the last resume token.");
        }
        finally
        {
            await done.CancelAsync();
            await guard;
        }
    }

    /// <summary>None of the contract's calls is of this shape: it is reflection's.</summary>
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var place = PlaceOf(Count(await AdmitAsync(context)), context);
        await continuation(requestStream, responseStream, context);
    }

    /// <summary>The place that a stream takes which is nobody's; null for one whose caller is known, and which his own limits bound.</summary>
    /// <exception cref="Fault">WATCH_LIMIT.</exception>
    private UnidentifiedStreams.Place? PlaceOf(Identified? identified, ServerCallContext context) =>
        identified is null ? streams.Enter(context.GetHttpContext().Connection.RemoteIpAddress) : null;

    /// <exception cref="Fault">RATE_LIMITED.</exception>
    private Identified? Count(Identified? identified)
    {
        if (identified is not null)
        {
            rates.Take(identified.Caller.OrganizationId);
        }

        return identified;
    }

    private async ValueTask<Identified?> AdmitAsync(ServerCallContext context)
    {
        if (scopes.Of(context.Method) is not { } scope)
        {
            return null;
        }

        Identified? identified = null;
        try
        {
            identified = await callers.IdentifyAsync(context.GetHttpContext(), context.CancellationToken);
            if (!identified.May(scope))
            {
                var message = $"The caller lacks the scope '{scope}'. {identified.Advice}";
                throw new Fault(ErrorReason.ScopeMissing, message).With("scope", scope);
            }
        }
        catch (Fault refusal)
        {
            refusals.Tell(identified?.Caller.OrganizationId, identified?.Caller.Actor, context.Method, refusal.Reason);
            throw;
        }

        context.SetCaller(identified.Caller);
        return identified;
    }

    /// <summary>Says that the stream is over once its token has expired, or is refused when it is looked at again.</summary>
    private async Task GuardAsync(ServerCallContext context, DateTimeOffset until, CancellationTokenSource over, CancellationToken done)
    {
        try
        {
            while (until - time.GetUtcNow() is { } left && left > TimeSpan.Zero)
            {
                await Task.Delay(left < options.Value.Recheck ? left : options.Value.Recheck, time, done);
                if (left > options.Value.Recheck)
                {
                    await AdmitAsync(context);
                }
            }
        }
        catch (OperationCanceledException) when (done.IsCancellationRequested)
        {
            return;
        }
        catch (Exception)
        {
            // Refused from now on; so is what cannot be looked at again, for whatever reason.
        }

        await over.CancelAsync();
    }
}
