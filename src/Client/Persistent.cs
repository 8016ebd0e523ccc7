using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>A call whose outcome must be known: it is made again until the server answers it.</summary>
internal static class Persistent
{
    /// <summary>
    /// Whether the outcome of a call is unknown, or the server could not take it now. The token was good at the claim, so one that is
    /// refused may be renewed.
    /// </summary>
    public static bool MayPass(TaskGrpcException failure) =>
        failure.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Unauthenticated
        || failure.Reason is ErrorReason.RateLimited or ErrorReason.StorageFull or ErrorReason.WatchLimit;

    /// <summary>Makes the call, which must have a request_id of its own, until the server accepts or refuses it.</summary>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> was cancelled, or the client disposed.
    /// </exception>
    /// <exception cref="TaskGrpcException">The server refuses the call.</exception>
    public static async Task<T> CallAsync<T>(
        ClientState client, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            TaskGrpcException failure;
            try
            {
                return await call(cancellationToken).ConfigureAwait(false);
            }
            catch (TaskGrpcException passing) when (MayPass(passing))
            {
                failure = passing;
            }

            await client.PauseAsync(client.Backoff(failures, failure.RetryDelay), cancellationToken).ConfigureAwait(false);
        }
    }
}
