using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Protocols.InProcess;

/// <summary>A watch's stream in this process. It buffers one message; a second write waits until the reader takes it.</summary>
internal sealed class InProcessStream<TResponse> : IAsyncStreamReader<TResponse>, IWatchSink
    where TResponse : class
{
    private readonly Channel<TResponse> _messages = Channel.CreateBounded<TResponse>(1);
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly InProcessCall _call;
    private readonly Task _run;
    private TResponse? _current;

    public InProcessStream(InProcessCall call, Func<ServedCall, IMessage> read, Admission admission)
    {
        _call = call;
        _run = RunAsync(read, admission);
        InProcessCall.Observe(_run);
    }

    /// <summary>The response headers, before the first message.</summary>
    public Task<Metadata> Headers => _headers.Task;

    public TResponse Current =>
        _current ?? throw new InvalidOperationException("There is no message. Read Current only after MoveNext returned true.");

    /// <exception cref="RpcException">The stream failed, or the token was cancelled.</exception>
    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        try
        {
            while (await _messages.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (_messages.Reader.TryRead(out _current))
                {
                    return true;
                }
            }

            await _run.WaitAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            // As over a connection, a cancelled read ends the stream.
            _call.Dispose();
            throw new RpcException(new Status(StatusCode.Cancelled, "The caller cancelled the call.", exception));
        }
    }

    Task IWatchSink.WriteAsync(WatchFrame frame)
    {
        _headers.TrySetResult([]);
        var message = ((Answer<TResponse>)(object)frame).Message;
        return _messages.Writer.WriteAsync(message).AsTask();
    }

    /// <summary>A completed writer accepts no more messages and keeps the buffered one.</summary>
    void IWatchSink.EndPendingWrite() => _messages.Writer.TryComplete();

    private async Task RunAsync(Func<ServedCall, IMessage> read, Admission admission)
    {
        try
        {
            await _call.RunAsync(read, async (served, request) =>
            {
                await admission.AdmitAsync(
                    _call.Call, served.ScopeOf(request), _call.Credentials, () => served.Handler.Stream!(request, _call.Call, this));
                return true;
            }).ConfigureAwait(false);
        }
        finally
        {
            _messages.Writer.TryComplete();
            _headers.TrySetResult([]);
        }
    }
}
