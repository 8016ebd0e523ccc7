using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// A watch over as many connections as it takes. It (1) connects, (2) hands on messages and keeps the last resume token, and (3) after
/// a cut waits a jittered while, longer each time until a message comes, and connects again with the token. A server that ends the
/// watch with OK ends it here too.
/// </summary>
internal sealed class ResourceWatch
{
    private const int DefaultHeartbeat = 15;
    private const int LongestHeartbeat = 600;

    private readonly WatchService.WatchServiceClient _stub;
    private readonly WatchRequest _request;
    private readonly TaskGrpcWatchOptions _options;
    private readonly TaskGrpcClientOptions _client;
    private readonly ILogger _logger;
    private readonly TimeSpan _silenceTimeout;

    // A revision of more than 2 MiB comes in parts. After a cut in its middle all of it comes again, and what was returned is passed over.
    private long _partialRevision;
    private int _returned;
    private int _received;

    private bool _hasStood;
    private bool _stands;
    private bool _isSnapshotAnnounced;
    private int _failures;
    private long _revision;
    private long? _firstFailure;

    public ResourceWatch(WatchService.WatchServiceClient stub, WatchRequest request, TaskGrpcWatchOptions options, TaskGrpcClientOptions client, ILogger logger)
    {
        (_stub, _request, _options, _client, _logger) = (stub, request.Clone(), options, client, logger);
        // An interval that the server will refuse must live long enough to be refused.
        _silenceTimeout = options.SilenceTimeout ?? TimeSpan.FromSeconds(Math.Clamp(request.HeartbeatInterval?.Seconds ?? DefaultHeartbeat, 1, LongestHeartbeat) + 1) * 3;
    }

    public async IAsyncEnumerable<WatchResponse> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            using var connection = new WatchConnection(_stub, _request, _options.Metadata, _silenceTimeout, _client.TimeProvider, cancellationToken);
            (_received, _isSnapshotAnnounced, _stands) = (0, false, false);
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

    /// <summary>Takes notice of a message; false if there is nothing new in it.</summary>
    private bool Take(WatchResponse message)
    {
        if (_stands || message.Events.Count > 0 || message.Revision > _revision)
        {
            // A connection that gets no further than its first message is no success: the next one waits longer.
            (_failures, _revision) = (0, Math.Max(_revision, message.Revision));
        }

        (_hasStood, _stands, _firstFailure) = (true, true, null);
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
    /// <exception cref="TaskGrpcException">There is no sense in connecting again, or not as the options say.</exception>
    private async Task RecoverAsync(TaskGrpcException cut, CancellationToken cancellationToken)
    {
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

        _firstFailure ??= _client.TimeProvider.GetTimestamp();
        if (_options.ReconnectTimeout != Timeout.InfiniteTimeSpan && _client.TimeProvider.GetElapsedTime(_firstFailure.Value) > _options.ReconnectTimeout)
        {
            throw cut;
        }

        var delay = Delay(cut.RetryDelay);
        WatchTelemetry.Cut(cut);
        _logger.WatchCut(cut.StatusCode, cut.Reason, delay);
        await Task.Delay(delay, _client.TimeProvider, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the same watch may stand again later.</summary>
    private bool IsPassing(TaskGrpcException cut) => cut.Reason switch
    {
        ErrorReason.SlowReader => true,
        // There was a place for this watch before.
        ErrorReason.WatchLimit or ErrorReason.RateLimited => _hasStood,
        // What no server said, the connection's end did; before the first message it may as well be a wrong address.
        ErrorReason.Unspecified => cut.StatusCode == StatusCode.Unavailable || (_hasStood && cut.StatusCode is StatusCode.Internal or StatusCode.Unknown or StatusCode.Cancelled),
        // The token of a connection that stood has expired, and the next one brings another.
        ErrorReason.TokenInvalid or ErrorReason.TokenMissing => _stands && _client.AccessToken is not null,
        _ => cut.StatusCode == StatusCode.Unavailable,
    };

    private TimeSpan Delay(TimeSpan? asked)
    {
        // Between half and the whole, so that those who were cut together do not come back together.
        var longest = Math.Min(_client.MaxBackoff.TotalMilliseconds, _client.InitialBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 30)));
        var delay = TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
        return asked > delay ? asked.Value : delay;
    }
}
