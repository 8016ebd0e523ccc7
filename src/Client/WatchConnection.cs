using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>One connection of a watch, from its first message to its end or its cut.</summary>
internal sealed class WatchConnection : IDisposable
{
    private readonly ClientState _client;
    private readonly CancellationToken _cancellationToken;
    private readonly TimeSpan _silenceTimeout;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _linked;
    private readonly AsyncServerStreamingCall<WatchResponse> _call;

    public WatchConnection(WatchService.WatchServiceClient stub, WatchRequest request, Metadata? metadata, TimeSpan silenceTimeout,
        ClientState client, CancellationToken cancellationToken)
    {
        (_client, _cancellationToken, _silenceTimeout) = (client, cancellationToken, silenceTimeout);
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, client.Options.TimeProvider);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silence.Token);
        _call = stub.Watch(request, metadata, cancellationToken: _linked.Token);
    }

    private CallSite Site => new(WatchService.Descriptor.FullName, "Watch", _client.Address, null);

    /// <summary>Why the connection was lost; null before that, and when the server ended the watch with OK.</summary>
    public TaskGrpcException? Cut { get; private set; }

    /// <summary>The next message; null at the end and after a loss, which sets <see cref="Cut"/>.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled the watch, or the client was disposed.</exception>
    public async ValueTask<WatchResponse?> NextAsync()
    {
        try
        {
            // The time runs only while this waits for the server, not while the caller works on a message.
            _silence.CancelAfter(_silenceTimeout);
            var isThere = await _call.ResponseStream.MoveNext(_linked.Token).ConfigureAwait(false);
            _silence.CancelAfter(Timeout.InfiniteTimeSpan);
            return isThere ? _call.ResponseStream.Current : null;
        }
        catch (TaskGrpcException exception)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            Cut = exception;
            return null;
        }
        catch (OperationCanceledException) when (_silence.IsCancellationRequested && !_cancellationToken.IsCancellationRequested
            && !_client.Closing.IsCancellationRequested)
        {
            Cut = Site.Failure(
                new RpcException(
                    new Status(StatusCode.Unavailable, $"The server sent nothing for {_silenceTimeout}, not even a heartbeat.")));
            return null;
        }
        catch (OperationCanceledException exception) when (_cancellationToken.IsCancellationRequested)
        {
            // With the caller's own token, not the linked one.
            throw Site.Cancelled("was cancelled", exception, _cancellationToken);
        }
    }

    public void Dispose()
    {
        _call.Dispose();
        _linked.Dispose();
        _silence.Dispose();
    }
}
