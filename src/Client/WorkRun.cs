using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// One piece of work from its claim to its end: (1) heartbeats begin; (2) an earlier handler of the same resource returns; (3) the handler
/// runs; (4) what it returned or threw ends the work; (5) heartbeats end. So the lease stands until the server knows the end.
/// </summary>
internal sealed class WorkRun<T>(
    TaskGrpcWork<T> work,
    TaskGrpcWorkerOptions options,
    Func<TaskGrpcWork<T>, CancellationToken, Task<Value?>> handler,
    ILogger logger,
    CancellationToken giveUp)
    where T : class, IClaimable
{
    private const string Stopped = "The worker stops.";
    private static readonly string KindName = typeof(T).Name;

    public TaskGrpcWork<T> Work => work;

    /// <param name="earlier">An earlier run of the same resource, which may have lost its lease and still run.</param>
    public async Task RunAsync(Task earlier)
    {
        using var beating = CancellationTokenSource.CreateLinkedTokenSource(giveUp);
        var beats = new Heartbeats<T>(work, options.LeaseDuration).RunAsync(beating.Token);
        try
        {
            if (await IsFreeAsync(earlier).ConfigureAwait(false))
            {
                await HandleAsync().ConfigureAwait(false);
            }
            else
            {
                logger.HandlerOverlaps(KindName, work.Resource.Id);
                await ReleaseAsync("An earlier run of this work has not ended in the same worker.").ConfigureAwait(false);
            }
        }
        finally
        {
            await beating.CancelAsync().ConfigureAwait(false);
            await beats.ConfigureAwait(false);
        }
    }

    /// <summary>Gives the work back although its handler still runs.</summary>
    public async Task AbandonAsync(TimeSpan grace, CancellationToken limit)
    {
        if (work.IsEnded || work.IsLost)
        {
            return;
        }

        logger.HandlerStays(KindName, work.Resource.Id, grace);
        try
        {
            await work.EndAsync(WorkKind<T>.Instance.ReleaseAsync(work, Stopped, notBefore: null), limit).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is TaskGrpcException or OperationCanceledException or InvalidOperationException)
        {
            logger.EndNotWritten(KindName, work.Resource.Id, failure);
        }
    }

    /// <summary>Waits for the earlier handler, no longer than a lease: if it never returns, another worker must get the work.</summary>
    private async Task<bool> IsFreeAsync(Task earlier)
    {
        if (earlier.IsCompleted)
        {
            return true;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(work.Cancellation, work.ShutdownToken);
        var delay = Task.Delay(options.LeaseDuration, work.Client.State.Options.TimeProvider, limit.Token);
        await Task.WhenAny(earlier, delay).ConfigureAwait(false);
        await limit.CancelAsync().ConfigureAwait(false);
        return earlier.IsCompleted;
    }

    private async Task HandleAsync()
    {
        using var activity = WorkTelemetry.Start(work);
        var (result, failure) = ((Value?)null, (Exception?)null);
        try
        {
            result = await handler(work, work.Cancellation).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            failure = thrown;
        }

        var outcome = await OutcomeAsync(result, failure).ConfigureAwait(false);
        WorkTelemetry.End<T>(activity, outcome, failure);
        logger.WorkEnded(KindName, work.Resource.Id, outcome, WorkKind<T>.Instance.StatusOf(work.Resource));
    }

    private async Task<WorkOutcome> OutcomeAsync(Value? result, Exception? failure)
    {
        if (work.IsLost)
        {
            logger.WorkLost(KindName, work.Resource.Id, failure);
            return WorkOutcome.Lost;
        }

        var isStop = failure is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled };
        if (failure is not null && !(isStop && (work.IsCancelRequested || work.ShutdownToken.IsCancellationRequested)))
        {
            logger.HandlerFailed(KindName, work.Resource.Id, failure);
            return work.IsEnded ? WorkOutcome.Ended : await FailAsync(failure).ConfigureAwait(false);
        }

        return work.IsEnded ? WorkOutcome.Ended
            : failure is null ? await CompleteAsync(result).ConfigureAwait(false)
            : work.IsCancelRequested ? await WriteAsync(
                WorkOutcome.Canceled, WorkKind<T>.Instance.CancelAsync(work, giveUp)).ConfigureAwait(false)
            : await ReleaseAsync(Stopped).ConfigureAwait(false);
    }

    /// <summary>Completes the work. If the server does not take the result, the work fails with the reason.</summary>
    private async Task<WorkOutcome> CompleteAsync(Value? result)
    {
        try
        {
            await WorkKind<T>.Instance.CompleteAsync(work, result, giveUp).ConfigureAwait(false);
            return WorkOutcome.Completed;
        }
        catch (Exception refusal) when (refusal is WorkException || (refusal is TaskGrpcException && !work.IsLost))
        {
            logger.HandlerFailed(KindName, work.Resource.Id, refusal);
            return await FailAsync(refusal).ConfigureAwait(false);
        }
        catch (Exception failure) when (IsOfCall(failure))
        {
            return NotWritten(failure);
        }
    }

    private Task<WorkOutcome> FailAsync(Exception failure) =>
        WriteAsync(WorkOutcome.Failed, WorkKind<T>.Instance.FailAsync(work, failure, options, giveUp));

    private Task<WorkOutcome> ReleaseAsync(string reason) => WriteAsync(
        WorkOutcome.Released, work.EndAsync(WorkKind<T>.Instance.ReleaseAsync(work, reason, notBefore: null), giveUp));

    private async Task<WorkOutcome> WriteAsync(WorkOutcome outcome, Task<T> call)
    {
        try
        {
            await call.ConfigureAwait(false);
            return outcome;
        }
        catch (Exception failure) when (IsOfCall(failure))
        {
            return NotWritten(failure);
        }
    }

    private WorkOutcome NotWritten(Exception failure)
    {
        if (work.IsLost)
        {
            logger.WorkLost(KindName, work.Resource.Id, failure);
            return WorkOutcome.Lost;
        }

        if (!work.IsEnded)
        {
            logger.EndNotWritten(KindName, work.Resource.Id, failure);
        }

        return WorkOutcome.Unknown;
    }

    /// <summary>Of a call, of the stop that ends it, or of a release by the stop that came first.</summary>
    private static bool IsOfCall(Exception failure) =>
        failure is TaskGrpcException or OperationCanceledException or InvalidOperationException;
}
