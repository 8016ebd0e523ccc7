using System.IO.Pipelines;
using Grpc.Core;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>A watch's stream over a connection.</summary>
/// <param name="stream">Where the messages go.</param>
/// <param name="body">
/// The response below the stream. Kestrel uses the stream of a call that is over for the next call of its connection, and a write that was
/// left behind would reset that one; cancelling the flush ends it and keeps what was buffered.
/// </param>
internal sealed class GrpcSink(IServerStreamWriter<Answer> stream, PipeWriter body) : IWatchSink
{
    // Without a token: given one, the framework would cancel a request that has ended since, and report that as an error of ours.
    public Task WriteAsync(WatchFrame frame) => stream.WriteAsync(frame, CancellationToken.None);

    public void EndPendingWrite() => body.CancelPendingFlush();
}
