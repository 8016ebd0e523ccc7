using Grpc.Core;

namespace TaskGrpc.Client;

/// <summary>How a watch keeps itself alive.</summary>
public sealed class TaskGrpcWatchOptions
{
    /// <summary>What to do when the server can no longer go on from where the watch stands. Default: <see cref="HistoryLoss.Throw"/>.</summary>
    public HistoryLoss OnHistoryLost { get; set; } = HistoryLoss.Throw;

    /// <summary>
    /// Called before the first message of every snapshot is returned: whoever keeps a view of the resources empties it here. Besides
    /// the snapshot that was asked for, one comes when the connection was cut before a snapshot was complete, and after a loss of
    /// history if <see cref="OnHistoryLost"/> says so. Default: null, nothing is called.
    /// </summary>
    public Action? SnapshotStarted { get; set; }

    /// <summary>
    /// Called when a connection of the watch was lost, or could not be made, and the watch goes on: with why, and how long it waits before it
    /// connects again. Default: null, nothing is called. Like every callback here it runs between two messages; what it throws ends the watch.
    /// </summary>
    public Action<TaskGrpcException, TimeSpan>? OnCut { get; set; }

    /// <summary>Called when the watch stands, the first time and after every cut: the server has sent the first message of a connection. Default: null, nothing is called.</summary>
    public Action? OnStanding { get; set; }

    /// <summary>
    /// How long the server may stay silent before the connection counts as cut; it sends a heartbeat at least every
    /// `heartbeat_interval` of the request. Default: null, three of those intervals. <see cref="Timeout.InfiniteTimeSpan"/>: for ever. Range: 1 ms to 24 days.
    /// </summary>
    [Duration(1)]
    public TimeSpan? SilenceTimeout { get; set; }

    /// <summary>
    /// How long to go on reconnecting without any message before the last failure is thrown. Default:
    /// <see cref="Timeout.InfiniteTimeSpan"/>, until cancelled. Range: 0 (one try) to 24 days.
    /// </summary>
    [Duration(0)]
    public TimeSpan ReconnectTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Metadata for the watch, beside the client's own. Default: null, none.</summary>
    public Metadata? Metadata { get; set; }

    internal TaskGrpcWatchOptions Copy()
    {
        var copy = (TaskGrpcWatchOptions)MemberwiseClone();
        copy.Metadata = Metadata is null ? null : ClientState.Copy(Metadata);
        return copy;
    }
}
