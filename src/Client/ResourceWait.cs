using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// Waits until one resource meets a condition: (1) a watch of this id returns the present state, deleted or not, as a snapshot, then every
/// change; (2) an empty snapshot means that the id is unknown, and the kind's Get says so; (3) a deletion ends the wait.
/// </summary>
internal sealed class ResourceWait<T>(
    TaskGrpcClient client, ResourceKind kind, string id, Func<Change, T> resourceOf, Func<T, bool> condition)
    where T : class
{
    private T? _last;

    public required Func<T, Enum> StatusOf { get; init; }

    public required Func<T, bool> IsDeleted { get; init; }

    public required Func<string, CancellationToken, Task<T>> ReadAsync { get; init; }

    public async Task<T> RunAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (timeout is { } time && time != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(timeout));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(time, DurationAttribute.Longest, nameof(timeout));
        }

        using var limit = new CancellationTokenSource(timeout ?? Timeout.InfiniteTimeSpan, client.State.Options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await FollowAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            // With the caller's own token, not the linked one.
            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
        {
            var last = _last is null ? "The server has not sent its state." : $"Its status is {StatusOf(_last)}.";
            throw new TimeoutException($"{kind} {id} did not meet the condition within {timeout}. {last}", exception);
        }
    }

    private async Task<T> FollowAsync(CancellationToken cancellationToken)
    {
        var isKnown = false;
        var request = new WatchRequest { Kinds = { kind }, Ids = { id }, Snapshot = true, ShowDeleted = true };
        var options = new TaskGrpcWatchOptions { OnHistoryLost = HistoryLoss.SnapshotAgain, SnapshotStarted = () => isKnown = false };
        await foreach (var message in client.WatchAsync(request, options, cancellationToken).ConfigureAwait(false))
        {
            foreach (var item in message.Events)
            {
                (isKnown, _last) = (true, resourceOf(item.Change));
                if (condition(_last))
                {
                    return _last;
                }

                if (IsDeleted(_last))
                {
                    throw new TaskGrpcException(
                        ErrorReason.ResourceNotFound, $"{kind} {id} was deleted before it met the condition. Get still returns it.");
                }
            }

            if (message.SnapshotComplete && !isKnown)
            {
                // If it was created a moment ago, the watch brings the creation.
                await ReadAsync(id, cancellationToken).ConfigureAwait(false);
            }
        }

        throw new InvalidOperationException(
            $"The watch of {kind} {id} ended before the condition was met. A server's watch does not end.");
    }
}
