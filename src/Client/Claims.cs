using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// Claims for one worker. A claim whose answer is lost is repeated with its request_id until it is answered, so no lease is taken that the
/// worker does not know of.
/// </summary>
internal sealed class Claims<T>(TaskGrpcClient client, TaskGrpcWorkerOptions options, ILogger logger)
    where T : class, IClaimable
{
    /// <summary>The most that the server gives at once.</summary>
    public const int MostTasks = 100;

    /// <summary>How much longer than its wait a claim may take.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    /// <summary>What the last call of a worker that stops may take. The server answers it half a second earlier.</summary>
    private static readonly TimeSpan LastCall = TimeSpan.FromSeconds(1);

    private bool _hasClaimed;
    private bool _isFailing;

    /// <summary>Claims once, and waits for work.</summary>
    /// <param name="most">How many pieces at most.</param>
    /// <param name="stop">Ends the wait. Leases that were taken just before are still returned.</param>
    /// <returns>The leases; empty if nothing was ready, or at the stop.</returns>
    /// <exception cref="TaskGrpcException">The server refuses the claim, and would refuse a repetition.</exception>
    /// <exception cref="OperationCanceledException">The client was disposed.</exception>
    public async Task<IReadOnlyList<Lease>> NextAsync(int most, CancellationToken stop)
    {
        var request = new ClaimNextRequest
        {
            Kind = WorkKind<T>.Instance.Kind,
            Filter = options.Filter,
            MaxTasks = most,
            LeaseDuration = Duration.FromTimeSpan(options.LeaseDuration),
            Wait = Duration.FromTimeSpan(options.Wait),
            Worker = options.Worker,
            RequestId = Guid.CreateVersion7(client.State.Options.TimeProvider.GetUtcNow()).ToString(),
        };
        try
        {
            return await UntilAnsweredAsync(request, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return await LastAsync(request).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<Lease>> UntilAnsweredAsync(ClaimNextRequest request, CancellationToken stop)
    {
        for (var failures = 1; ; failures++)
        {
            TaskGrpcException failure;
            try
            {
                var leases = await CallAsync(request, options.Wait + Margin, stop).ConfigureAwait(false);
                _hasClaimed = true;
                if (_isFailing)
                {
                    _isFailing = false;
                    logger.ClaimsAgain(options.Worker, request.Kind);
                }

                return leases;
            }
            catch (TaskGrpcException passing) when (!IsFinal(passing))
            {
                failure = passing;
            }

            if (!_isFailing)
            {
                _isFailing = true;
                logger.ClaimFails(options.Worker, request.Kind, failure.Message);
            }

            await client.State.PauseAsync(client.State.Backoff(failures, failure.RetryDelay), stop).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Asks once more for the answer of a claim that the stop has cut off. Otherwise its leases, if it took any, would expire unused.
    /// </summary>
    private async Task<IReadOnlyList<Lease>> LastAsync(ClaimNextRequest request)
    {
        try
        {
            return await CallAsync(request, LastCall, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is TaskGrpcException or OperationCanceledException or ObjectDisposedException)
        {
            return [];
        }
    }

    private async Task<IReadOnlyList<Lease>> CallAsync(ClaimNextRequest request, TimeSpan limit, CancellationToken stop)
    {
        var deadline = client.State.Options.TimeProvider.GetUtcNow().UtcDateTime + limit;
        return (await client.Work.ClaimNextAsync(request, deadline: deadline, cancellationToken: stop).ConfigureAwait(false)).Leases;
    }

    /// <summary>
    /// Whether a repetition is useless. A token that is refused after it was good may be renewed; one that never was good is an error of
    /// the configuration.
    /// </summary>
    private bool IsFinal(TaskGrpcException failure) => failure.StatusCode switch
    {
        StatusCode.InvalidArgument or StatusCode.Unimplemented => true,
        StatusCode.Unauthenticated or StatusCode.PermissionDenied => !_hasClaimed,
        _ => false,
    };
}
