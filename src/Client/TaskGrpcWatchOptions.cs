using Grpc.Core;

namespace TaskGrpc.Client;

/// <summary>How a watch keeps itself alive.</summary>
public sealed class TaskGrpcWatchOptions
{
    /// <summary>What to do when the server can no longer continue where the watch is. Default: <see cref="HistoryLoss.Throw"/>.</summary>
    public HistoryLoss OnHistoryLost { get; set; } = HistoryLoss.Throw;

    /// <summary>
    /// Called before the first message of every snapshot: a program that keeps a view of the resources empties it here. Besides the
    /// requested snapshot, another comes when the connection was cut before a snapshot was complete, and after a loss of history if <see
    /// cref="OnHistoryLost"/> says so. Default: null.
    /// </summary>
    public Action? SnapshotStarted { get; set; }

    /// <summary>
    /// Called with the cause and the wait before the next connection, when a connection of the watch was lost or failed and the watch goes
    /// on. Default: null. Every callback here runs between two messages; an exception that it throws ends the watch.
    /// </summary>
    public Action<TaskGrpcException, TimeSpan>? OnCut { get; set; }

    /// <summary>Called at the first message of each connection: the first one and the one after every cut. Default: null.</summary>
    public Action? OnStanding { get; set; }

    /// <summary>
    /// How long the server may stay silent before the connection counts as cut. The server sends a heartbeat at least once in each
    /// `heartbeat_interval` of the request. Default: null, three of those intervals. <see cref="Timeout.InfiniteTimeSpan"/>: for ever.
    /// Range: 1 ms to 24 days.
    /// </summary>
    [Duration(1)]
    public TimeSpan? SilenceTimeout { get; set; }

    /// <summary>
    /// How long the watch tries to connect again, without any message, before it throws the last failure. Default:
    /// <see cref="Timeout.InfiniteTimeSpan"/>, until cancelled. Range: 0 (one attempt) to 24 days.
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
