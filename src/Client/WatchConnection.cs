using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>One connection of a watch, from its first message to its end or its cut.</summary>
internal sealed class WatchConnection : IDisposable
{
    private readonly CancellationToken _cancellationToken;
    private readonly TimeSpan _silenceTimeout;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _linked;
    private readonly AsyncServerStreamingCall<WatchResponse> _call;

    public WatchConnection(WatchService.WatchServiceClient stub, WatchRequest request, Metadata? metadata, TimeSpan silenceTimeout, TimeProvider time, CancellationToken cancellationToken)
    {
        (_cancellationToken, _silenceTimeout) = (cancellationToken, silenceTimeout);
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silence.Token);
        _call = stub.Watch(request, metadata, cancellationToken: _linked.Token);
    }

    /// <summary>Why the connection was lost; null while it stands and when the server ended the watch with OK.</summary>
    public TaskGrpcException? Cut { get; private set; }

    /// <summary>The next message; null at the end, told by <see cref="Cut"/> from a loss.</summary>
    /// <exception cref="OperationCanceledException">The watch was cancelled by its caller.</exception>
    public async ValueTask<WatchResponse?> NextAsync()
    {
        try
        {
            // The time runs only while the server is waited for, not while the caller works on a message.
            _silence.CancelAfter(_silenceTimeout);
            var isThere = await _call.ResponseStream.MoveNext(_linked.Token).ConfigureAwait(false);
            _silence.CancelAfter(Timeout.InfiniteTimeSpan);
            return isThere ? _call.ResponseStream.Current : null;
        }
        catch (Exception exception) when (exception is TaskGrpcException or OperationCanceledException)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            Cut = _silence.IsCancellationRequested
                ? new TaskGrpcException(new RpcException(new Status(StatusCode.Unavailable, $"The server sent nothing for {_silenceTimeout}, not even a heartbeat.")))
                : exception as TaskGrpcException ?? new TaskGrpcException(new RpcException(new Status(StatusCode.Cancelled, exception.Message)));
            return null;
        }
    }

    public void Dispose()
    {
        _call.Dispose();
        _linked.Dispose();
        _silence.Dispose();
    }
}
