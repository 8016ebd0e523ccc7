using System.Buffers;
using Grpc.Core;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Tests.Watching;

/// <summary>A stream that serialises frames as gRPC would, and reads them back as a client would.</summary>
internal sealed class RecordingStream(Action<WatchResponse> received) : IServerStreamWriter<WatchFrame>
{
    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(WatchFrame message)
    {
        var context = new BufferContext();
        WatchFrame.Marshaller.ContextualSerializer(message, context);
        received(WatchResponse.Parser.ParseFrom(context.Written));
        return Task.CompletedTask;
    }

    public Task WriteAsync(WatchFrame message, CancellationToken cancellationToken) => WriteAsync(message);

    private sealed class BufferContext : SerializationContext
    {
        private readonly ArrayBufferWriter<byte> _buffer = new();
        private int _announced;

        public byte[] Written => _buffer.WrittenCount == _announced ? _buffer.WrittenSpan.ToArray() : throw new InvalidOperationException($"{_announced} bytes were announced and {_buffer.WrittenCount} written.");

        public override void SetPayloadLength(int payloadLength) => _announced = payloadLength;

        public override IBufferWriter<byte> GetBufferWriter() => _buffer;

        public override void Complete()
        {
        }
    }
}
