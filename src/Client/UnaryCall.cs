using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// One unary call with its attempts. Each attempt (1) gets a token and (2) sends the request. If the server was unavailable, the call
/// (3) waits a jittered while and tries again, until its deadline. gRPC's own retry is off: it ends after five attempts and does not
/// repeat a request above the size of its buffer. Every mutation has a request_id, so that repeating it is safe.
/// </summary>
internal sealed class UnaryCall<TRequest, TResponse>(
    CallInvoker inner, ClientState client, Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    where TRequest : class
    where TResponse : class
{
    private readonly Metadata _headers = client.Merge(options.Headers);
    private readonly long _began = client.Options.TimeProvider.GetTimestamp();
    private readonly CallSite _site = new(method, client.Address, (request as IMutation)?.RequestId);

    private Task<TResponse>? _response;
    private AsyncUnaryCall<TResponse>? _attempt;
    private TaskGrpcException? _failure;
    private CancellationTokenSource? _waiting;
    private int _isDisposed;

    private TimeProvider Time => client.Options.TimeProvider;

    /// <summary>How much time is left until the deadline; null if there is none.</summary>
    private TimeSpan? Left => options.Deadline is { } deadline && deadline != DateTime.MaxValue
        ? deadline.ToUniversalTime() - Time.GetUtcNow().UtcDateTime
        : null;

    public AsyncUnaryCall<TResponse> Start()
    {
        _response = RunAsync().Observed();
        return new AsyncUnaryCall<TResponse>(
            _response,
            static call => ((UnaryCall<TRequest, TResponse>)call).HeadersAsync(),
            static call => ((UnaryCall<TRequest, TResponse>)call).Status(),
            static call => ((UnaryCall<TRequest, TResponse>)call).Trailers(),
            static call => ((UnaryCall<TRequest, TResponse>)call).Dispose(),
            this);
    }

    private async Task<TResponse> RunAsync()
    {
        using var activity = CallTelemetry.Start(method, client.Address);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    var response = await AttemptAsync().ConfigureAwait(false);
                    CallTelemetry.Succeeded(activity);
                    return response;
                }
                catch (RpcException exception)
                {
                    ThrowIfCancelled(exception);
                    _failure = _site.Failure(exception, attempt, Time.GetElapsedTime(_began), _failure);
                }

                await PauseAsync(_failure, attempt).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            CallTelemetry.Failed(activity, exception);
            throw;
        }
        finally
        {
            _waiting?.Dispose();
        }
    }

    private async Task<TResponse> AttemptAsync()
    {
        ObjectDisposedException.ThrowIf(_failure is null && client.Closing.IsCancellationRequested, typeof(TaskGrpcClient));
        var headers = client.NeedsToken(_headers) ? await WithTokenAsync().ConfigureAwait(false) : _headers;
        var attempt = inner.AsyncUnaryCall(method, host, options.WithHeaders(headers), request);
        Interlocked.Exchange(ref _attempt, attempt)?.Dispose();
        if (Volatile.Read(ref _isDisposed) == 1)
        {
            // The call was disposed before this attempt existed.
            attempt.Dispose();
        }

        return await attempt.ResponseAsync.ConfigureAwait(false);
    }

    private async Task<Metadata> WithTokenAsync()
    {
        var left = Left is { } time && time <= DurationAttribute.Longest
            ? TimeSpan.FromTicks(Math.Max(0, time.Ticks))
            : Timeout.InfiniteTimeSpan;
        using var deadline = new CancellationTokenSource(left, Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Waiting(), deadline.Token);
        try
        {
            return await client.WithTokenAsync(_headers, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            ThrowIfCancelled(exception);
            var late = $"{AccessTokens.Provider} gave no token before the deadline.";
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, late, exception));
        }
    }

    /// <summary>Waits until it is time for the next attempt.</summary>
    /// <exception cref="TaskGrpcException">Another attempt would fail too, or has no time left.</exception>
    private async Task PauseAsync(TaskGrpcException failure, int attempt)
    {
        if (failure.StatusCode != StatusCode.Unavailable || attempt >= client.Options.MaxAttempts)
        {
            throw failure;
        }

        var delay = client.Backoff(attempt, failure.RetryDelay);
        if (Left is { } left)
        {
            if (left < client.Options.InitialBackoff || failure.RetryDelay >= left)
            {
                throw failure;
            }

            // The deadline, not the back-off, ends a call: always leave time for one more attempt.
            delay = failure.RetryDelay is null ? TimeSpan.FromTicks(Math.Min(delay.Ticks, left.Ticks / 2)) : delay;
        }

        try
        {
            await Task.Delay(delay, Time, Waiting()).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            ThrowIfCancelled(exception);
            throw;
        }
    }

    /// <summary>Cancelled by the caller, by the client's disposal and by the call's own disposal.</summary>
    private CancellationToken Waiting()
    {
        var waiting = _waiting ??= CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken, client.Closing);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isDisposed) == 1)
        {
            waiting.Cancel();
        }

        return waiting.Token;
    }

    private void ThrowIfCancelled(Exception exception)
    {
        if (client.Cancellation(_site, exception, Volatile.Read(ref _isDisposed) == 1, options.CancellationToken) is { } cancellation)
        {
            throw cancellation;
        }
    }

    private async Task<Metadata> HeadersAsync()
    {
        await ((Task)_response!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_attempt is not { } attempt)
        {
            await _response!.ConfigureAwait(false);
            throw new InvalidOperationException("A call without an attempt has failed.");
        }

        try
        {
            return await attempt.ResponseHeadersAsync.ConfigureAwait(false);
        }
        catch (RpcException exception)
        {
            ThrowIfCancelled(exception);
            throw _failure ?? _site.Failure(exception);
        }
    }

    private Status Status() => _response!.IsCompletedSuccessfully ? _attempt!.GetStatus()
        : _response.IsCanceled ? new Status(StatusCode.Cancelled, "The call was cancelled.")
        : _failure is { } failure && _response.IsFaulted ? failure.Status
        : throw new InvalidOperationException("The call has no status yet: it is under way.");

    private Metadata Trailers() => _response!.IsCompletedSuccessfully ? _attempt!.GetTrailers()
        : _response.IsCompleted ? _failure?.Trailers ?? []
        : throw new InvalidOperationException("The call has no trailers yet: it is under way.");

    private void Dispose()
    {
        Interlocked.Exchange(ref _isDisposed, 1);
        if (!_response!.IsCompleted)
        {
            TryCancel(_waiting);
        }

        Volatile.Read(ref _attempt)?.Dispose();
    }

    private static void TryCancel(CancellationTokenSource? waiting)
    {
        try
        {
            waiting?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call has just ended.
        }
    }
}
