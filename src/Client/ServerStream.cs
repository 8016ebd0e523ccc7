using Grpc.Core;

namespace TaskGrpc.Client;

/// <summary>
/// One call whose answer is a stream. It ends with its connection, as the stub's would. It sends a token, and fails as every other call
/// does.
/// </summary>
internal sealed class ServerStream<TRequest, TResponse> : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private readonly ClientState _client;
    private readonly CallSite _site;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenSource _ended;
    private readonly Task<AsyncServerStreamingCall<TResponse>> _call;
    private int _isDisposed;

    public ServerStream(
        CallInvoker inner, ClientState client, Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        ObjectDisposedException.ThrowIf(client.Closing.IsCancellationRequested, typeof(TaskGrpcClient));
        (_client, _site, _cancellationToken) = (client, new CallSite(method, client.Address, null), options.CancellationToken);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken, client.Closing);
        _call = StartAsync().Observed();

        async Task<AsyncServerStreamingCall<TResponse>> StartAsync()
        {
            var headers = client.Merge(options.Headers);
            headers = client.NeedsToken(headers) ? await client.WithTokenAsync(headers, _ended.Token).ConfigureAwait(false) : headers;
            return inner.AsyncServerStreamingCall(method, host, options.WithHeaders(headers).WithCancellationToken(_ended.Token), request);
        }
    }

    public TResponse Current => _call.IsCompletedSuccessfully ? _call.Result.ResponseStream.Current : null!;

    public AsyncServerStreamingCall<TResponse> Start() => new(
        this,
        static stream => ((ServerStream<TRequest, TResponse>)stream).HeadersAsync(),
        static stream => ((ServerStream<TRequest, TResponse>)stream).Call().GetStatus(),
        static stream => ((ServerStream<TRequest, TResponse>)stream).Call().GetTrailers(),
        static stream => ((ServerStream<TRequest, TResponse>)stream).Dispose(),
        this);

    public Task<bool> MoveNext(CancellationToken cancellationToken) =>
        TranslateAsync(static (call, token) => call.ResponseStream.MoveNext(token), cancellationToken);

    private Task<Metadata> HeadersAsync() =>
        TranslateAsync(static (call, _) => call.ResponseHeadersAsync, CancellationToken.None).Observed();

    private async Task<T> TranslateAsync<T>(
        Func<AsyncServerStreamingCall<TResponse>, CancellationToken, Task<T>> act, CancellationToken cancellationToken)
    {
        try
        {
            var call = _call.IsCompletedSuccessfully ? _call.Result : await _call.WaitAsync(cancellationToken).ConfigureAwait(false);
            return await act(call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            throw Translate(exception, cancellationToken);
        }
    }

    private Exception Translate(Exception exception, CancellationToken cancellationToken)
    {
        var token = _cancellationToken.IsCancellationRequested ? _cancellationToken : cancellationToken;
        return _client.Cancellation(_site, exception, Volatile.Read(ref _isDisposed) == 1, token)
            ?? (exception is RpcException failure ? _site.Failure(failure) : exception);
    }

    private AsyncServerStreamingCall<TResponse> Call() => _call.IsCompletedSuccessfully
        ? _call.Result
        : throw new InvalidOperationException("The call has no status yet: it is under way.");

    private void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        _ended.Cancel();
        if (_call.IsCompletedSuccessfully)
        {
            _call.Result.Dispose();
        }

        _ended.Dispose();
    }
}
