using System.Diagnostics;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls;

/// <summary>
/// Admits a call if its caller is known, has the scope, and keeps to its rate; ends a stream when the caller loses the admission.
/// </summary>
internal sealed class Admission(
    ICallers callers, RequestRates rates, RefusalLog refusals, IOptions<IdentityOptions> options, TimeProvider time)
{
    private const string TraceParent = "traceparent";

    /// <exception cref="Fault">TOKEN_MISSING, TOKEN_INVALID, SCOPE_MISSING, RATE_LIMITED.</exception>
    public async ValueTask AdmitAsync(Call call, string scope, Credentials credentials)
    {
        var identified = await IdentifyAsync(call, scope, credentials);
        rates.Take(identified.Caller.OrganizationId);
        call.Admit(Traced(identified.Caller, credentials), identified.Until);
    }

    /// <summary>Admits a streaming call, and ends its stream once the caller loses the admission.</summary>
    /// <exception cref="Fault">TOKEN_MISSING, TOKEN_INVALID, SCOPE_MISSING, RATE_LIMITED, or what the stream throws.</exception>
    public async Task AdmitAsync(Call call, string scope, Credentials credentials, Func<Task> streamAsync)
    {
        await AdmitAsync(call, scope, credentials);
        if (call.AdmittedUntil is not { } until)
        {
            await streamAsync();
            return;
        }

        using var over = new CancellationTokenSource();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(call.Ended);
        call.Admit(call.Caller, until, over.Token);
        var guard = GuardAsync(call, scope, credentials, over, done.Token);
        try
        {
            await streamAsync();
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !call.Ended.IsCancellationRequested)
        {
            throw new Fault(
                ErrorReason.TokenInvalid,
                "The token or certificate of this stream is no longer valid. Get a new one, and resume with the last resume token.");
        }
        finally
        {
            await done.CancelAsync();
            await guard;
        }
    }

    /// <summary>The caller with the trace that its call belongs to.</summary>
    private static Caller Traced(Caller caller, Credentials credentials) =>
        credentials.Metadata(TraceParent) is { } trace && ActivityContext.TryParse(trace, null, out _)
            ? caller with { Traceparent = trace } : caller;

    private async ValueTask<Identified> IdentifyAsync(Call call, string scope, Credentials credentials)
    {
        Identified? identified = null;
        try
        {
            identified = await callers.IdentifyAsync(credentials, call.Ended);
            return identified.May(scope) ? identified
                : throw new Fault(ErrorReason.ScopeMissing, $"The caller lacks the scope '{scope}'. {identified.Advice}")
                    .With("scope", scope);
        }
        catch (Fault refusal)
        {
            refusals.Tell(identified?.Caller.OrganizationId, identified?.Caller.Actor, call.Name, refusal.Reason);
            throw;
        }
    }

    /// <summary>Ends the stream once its token expires or fails a recheck.</summary>
    private async Task GuardAsync(Call call, string scope, Credentials credentials, CancellationTokenSource over, CancellationToken done)
    {
        try
        {
            while (call.AdmittedUntil - time.GetUtcNow() is { } left && left > TimeSpan.Zero)
            {
                await Task.Delay(left < options.Value.Recheck ? left : options.Value.Recheck, time, done);
                if (left > options.Value.Recheck)
                {
                    await IdentifyAsync(call, scope, credentials);
                }
            }
        }
        catch (OperationCanceledException) when (done.IsCancellationRequested)
        {
            return;
        }
        catch (Exception)
        {
            // A recheck that throws counts as a refusal.
        }

        await over.CancelAsync();
    }
}
