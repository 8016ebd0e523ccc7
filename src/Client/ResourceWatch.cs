using System.Runtime.CompilerServices;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// A watch over as many connections as it takes. It (1) connects, (2) returns messages and keeps the last resume token, and (3) after a
/// cut waits a jittered while and connects again with the token. The wait grows until a connection has lasted for a while. When the server
/// ends the watch with OK, this watch ends too.
/// </summary>
internal sealed class ResourceWatch
{
    private const int DefaultHeartbeat = 15;
    private const int LongestHeartbeat = 600;

    /// <summary>The detail that gRPC for .NET gives for a message above the client's own limit.</summary>
    private const string TooLarge = "Received message exceeds the maximum configured message size.";

    private readonly WatchService.WatchServiceClient _stub;
    private readonly WatchRequest _request;
    private readonly TaskGrpcWatchOptions _options;
    private readonly ClientState _client;
    private readonly TimeSpan _silenceTimeout;

    // A revision of more than 2 MiB comes in parts. After a cut in its middle the server sends all of it again, and the watch skips the
    // events that it has returned.
    private long _partialRevision;
    private int _returned;
    private int _received;

    // When this connection brought its first message; null before that.
    private long? _standsSince;
    private bool _hasStood;
    private bool _isDown;
    private bool _isSnapshotAnnounced;
    private int _failures;
    private long? _firstFailure;

    public ResourceWatch(WatchService.WatchServiceClient stub, WatchRequest request, TaskGrpcWatchOptions options, ClientState client)
    {
        (_stub, _request, _options, _client) = (stub, request.Clone(), options, client);
        // With an interval out of range, wait long enough for the server's refusal.
        var heartbeat = Math.Clamp(request.HeartbeatInterval?.Seconds ?? DefaultHeartbeat, 1, LongestHeartbeat);
        _silenceTimeout = options.SilenceTimeout ?? TimeSpan.FromSeconds(heartbeat + 1) * 3;
    }

    private bool MayBeRenewed => _standsSince is not null && _client.Options.AccessToken is not null;

    private TimeProvider Time => _client.Options.TimeProvider;

    public async IAsyncEnumerable<WatchResponse> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var connection =
                    new WatchConnection(_stub, _request, _options.Metadata, _silenceTimeout, _client, cancellationToken);
                (_received, _isSnapshotAnnounced, _standsSince) = (0, false, null);
                while (await connection.NextAsync().ConfigureAwait(false) is { } message)
                {
                    if (Take(message))
                    {
                        yield return message;
                    }
                }

                if (connection.Cut is not { } cut)
                {
                    yield break;
                }

                await RecoverAsync(cut, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            IsUp();
        }
    }

    /// <summary>Takes a message in; false if it holds nothing new.</summary>
    private bool Take(WatchResponse message)
    {
        if (_standsSince is null)
        {
            (_hasStood, _standsSince, _firstFailure) = (true, Time.GetTimestamp(), null);
            IsUp();
            _options.OnStanding?.Invoke();
        }

        if (IsSnapshot && !_isSnapshotAnnounced)
        {
            _isSnapshotAnnounced = true;
            _options.SnapshotStarted?.Invoke();
        }

        var isPart = message.Revision == 0 && message.ResumeToken.Length == 0 && !IsSnapshot;
        var wasEmpty = message.Events.Count == 0;
        DropReturned(message, isPart);
        if (message.ResumeToken.Length > 0)
        {
            _request.ResumeToken = message.ResumeToken;
            _request.Snapshot = false;
        }

        WatchTelemetry.Received(message.Events.Count);
        return !isPart || wasEmpty || message.Events.Count > 0;
    }

    /// <summary>Whether the connection began, or begins, with a snapshot that is not complete.</summary>
    private bool IsSnapshot => _request.Snapshot || (_request.StopWhenTerminal && _request.StartCase == WatchRequest.StartOneofCase.None);

    private void DropReturned(WatchResponse message, bool isPart)
    {
        if (message.Events.Count > 0 && (isPart || message.Events[0].Change.Revision == _partialRevision))
        {
            var revision = message.Events[0].Change.Revision;
            if (revision != _partialRevision)
            {
                (_partialRevision, _returned, _received) = (revision, 0, 0);
            }

            var own = message.Events.TakeWhile(item => item.Change.Revision == revision).Count();
            var known = Math.Clamp(_returned - _received, 0, own);
            for (var i = 0; i < known; i++)
            {
                message.Events.RemoveAt(0);
            }

            _received += own;
            _returned = Math.Max(_returned, _received);
        }

        if (!isPart && message.Revision >= _partialRevision)
        {
            (_partialRevision, _returned, _received) = (0, 0, 0);
        }
    }

    /// <summary>Waits until it is time to connect again.</summary>
    /// <exception cref="TaskGrpcException">Another connection would fail too, or the options forbid it.</exception>
    /// <exception cref="OperationCanceledException">The watch was cancelled, or its client disposed.</exception>
    private async Task RecoverAsync(TaskGrpcException cut, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _client.Closing.ThrowIfCancellationRequested();
        if (cut.Reason is ErrorReason.RevisionCompacted or ErrorReason.EpochChanged && _options.OnHistoryLost == HistoryLoss.SnapshotAgain)
        {
            _request.ClearStart();
            _request.Snapshot = true;
            (_partialRevision, _returned) = (0, 0);
        }
        else if (!IsPassing(cut))
        {
            throw cut;
        }

        _firstFailure ??= Time.GetTimestamp();
        if (_options.ReconnectTimeout != Timeout.InfiniteTimeSpan && Time.GetElapsedTime(_firstFailure.Value) > _options.ReconnectTimeout)
        {
            throw cut;
        }

        WatchTelemetry.Cut(cut);
        _client.Outage.Cut(cut, isFirst: !_isDown);
        _isDown = true;
        // A connection that was cut again at once is no success, even if it brought messages: the next one waits longer.
        _failures = _standsSince is { } since && Time.GetElapsedTime(since) >= _client.Options.MaxBackoff ? 1 : _failures + 1;
        var delay = _client.Backoff(_failures, cut.RetryDelay);
        _options.OnCut?.Invoke(cut, delay);
        await _client.PauseAsync(delay, cancellationToken).ConfigureAwait(false);
    }

    private void IsUp()
    {
        if (_isDown)
        {
            _isDown = false;
            _client.Outage.Over();
        }
    }

    /// <summary>Whether the same watch may connect later.</summary>
    private bool IsPassing(TaskGrpcException cut) => cut.Reason switch
    {
        ErrorReason.SlowReader => true,
        // The server had room for this watch before.
        ErrorReason.WatchLimit or ErrorReason.RateLimited => _hasStood,
        // The token has expired since the connection began; the next connection gets a new one.
        ErrorReason.TokenInvalid or ErrorReason.TokenMissing => MayBeRenewed,
        _ when cut.IsOurs => cut.StatusCode == StatusCode.Unavailable,
        _ => MayPass(cut),
    };

    /// <summary>
    /// Whether a failure of a proxy, the connection or this library may be temporary. Before the first message, a wrong address looks the
    /// same.
    /// </summary>
    private bool MayPass(TaskGrpcException cut) => cut.StatusCode switch
    {
        StatusCode.Unavailable or StatusCode.DeadlineExceeded => true,
        // The server sends a message above MaxReceiveMessageSize again each time.
        StatusCode.ResourceExhausted => _hasStood && cut.Status.Detail != TooLarge,
        // The token provider may recover; a proxy that refuses a second token in a row refuses a third too.
        StatusCode.Unauthenticated when cut.InnerException is AccessTokens.AccessTokenException => _hasStood,
        StatusCode.Unauthenticated => MayBeRenewed,
        StatusCode.InvalidArgument or StatusCode.PermissionDenied => false,
        _ => _hasStood,
    };
}
