using System.Buffers;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Tests.Watching;

/// <summary>A sink that serializes frames like gRPC, and parses them like a client.</summary>
internal sealed class RecordingStream(Action<WatchResponse> received) : IWatchSink
{
    public Task WriteAsync(WatchFrame frame)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var announced = frame.CalculateSize();
        frame.WriteTo(buffer);
        received(buffer.WrittenCount == announced
            ? WatchResponse.Parser.ParseFrom(buffer.WrittenSpan)
            : throw new InvalidOperationException($"{announced} bytes were announced and {buffer.WrittenCount} written."));
        return Task.CompletedTask;
    }

    public void EndPendingWrite()
    {
    }
}
