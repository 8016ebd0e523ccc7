using System.Buffers;
using Google.Protobuf;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Resources;

/// <summary>An answer that is one stored resource; its bytes are sent unparsed.</summary>
internal sealed class StoredResource<T>(byte[] body) : StoredAnswer<T>
    where T : class, IMessage<T>, new()
{
    public override T Message
    {
        get
        {
            var message = new T();
            message.MergeFrom(body);
            return message;
        }
    }

    public override int CalculateSize() => body.Length;

    public override void WriteTo(IBufferWriter<byte> buffer) => buffer.Write(body);
}
