namespace TaskGrpc.Server.Watching;

/// <summary>Where a watch writes, such as a gRPC stream or a caller in this process.</summary>
internal interface IWatchSink
{
    /// <summary>
    /// Writes a message, and completes once the caller may reuse it. It does not complete while the reader accepts nothing and the buffer
    /// has no room.
    /// </summary>
    Task WriteAsync(WatchFrame frame);

    /// <summary>Makes the running write complete at once. The reader still receives what was written before it.</summary>
    void EndPendingWrite();
}
