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
    private static readonly TimeSpan DefaultHeartbeat = TimeSpan.FromSeconds(15);

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
    private bool _isSnapshotAnnounced;
    private int _failures;
    private long _lastMessage;

    public ResourceWatch(WatchService.WatchServiceClient stub, WatchRequest request, TaskGrpcWatchOptions options, TaskGrpcClientOptions client, ILogger logger)
    {
        (_stub, _request, _options, _client, _logger) = (stub, request.Clone(), options, client, logger);
        _silenceTimeout = options.SilenceTimeout ?? (request.HeartbeatInterval?.ToTimeSpan() ?? DefaultHeartbeat) * 3;
        _lastMessage = client.TimeProvider.GetTimestamp();
    }

    public async IAsyncEnumerable<WatchResponse> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            using var connection = new WatchConnection(_stub, _request, _options.Metadata, _silenceTimeout, _client.TimeProvider, cancellationToken);
            (_received, _isSnapshotAnnounced) = (0, false);
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
        (_hasStood, _failures, _lastMessage) = (true, 0, _client.TimeProvider.GetTimestamp());
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

        if (_options.ReconnectTimeout != Timeout.InfiniteTimeSpan && _client.TimeProvider.GetElapsedTime(_lastMessage) > _options.ReconnectTimeout)
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
