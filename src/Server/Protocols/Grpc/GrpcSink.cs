using System.IO.Pipelines;
using Grpc.Core;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>A watch's stream over a connection.</summary>
/// <param name="stream">The stream of messages.</param>
/// <param name="body">
/// The response body. Kestrel reuses the stream of a finished call for the next call of its connection, and a pending write would reset
/// that call; cancelling the flush ends the write and keeps the buffer.
/// </param>
internal sealed class GrpcSink(IServerStreamWriter<Answer> stream, PipeWriter body) : IWatchSink
{
    // Without a token: with one, the framework would cancel a request that has ended since, and log an error.
    public Task WriteAsync(WatchFrame frame) => stream.WriteAsync(frame, CancellationToken.None);

    public void EndPendingWrite() => body.CancelPendingFlush();
}
