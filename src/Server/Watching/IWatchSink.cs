namespace TaskGrpc.Server.Watching;

/// <summary>Where a watch writes: a stream of gRPC, a caller in this process.</summary>
internal interface IWatchSink
{
    /// <summary>
    /// Hands a message on, and completes once it may be reused. It does not complete while the reader takes nothing and no room is left for
    /// the message.
    /// </summary>
    Task WriteAsync(WatchFrame frame);

    /// <summary>Has the write that is under way complete at once. What was written before it stays to be read.</summary>
    void EndPendingWrite();
}
