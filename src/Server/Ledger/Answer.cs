using System.Buffers;
using Google.Protobuf;

namespace TaskGrpc.Server.Ledger;

/// <summary>What a call answers, as the bytes that gRPC sends. Other protocols use the message of <see cref="Answer{T}"/>.</summary>
internal abstract class Answer
{
    /// <summary>How many bytes <see cref="WriteTo"/> writes.</summary>
    public abstract int CalculateSize();

    public abstract void WriteTo(IBufferWriter<byte> buffer);
}

/// <summary>What a call answers, as the message that the contract names.</summary>
internal abstract class Answer<T> : Answer
    where T : class
{
    public abstract T Message { get; }

    /// <summary>Whether the ledger may hold the same message, so that it is not to be changed; else each question makes another.</summary>
    public abstract bool IsShared { get; }
}

/// <summary>An answer that was made as a message.</summary>
internal sealed class MessageAnswer<T>(T message) : Answer<T>
    where T : class, IMessage<T>
{
    public override T Message => message;

    public override bool IsShared => true;

    public override int CalculateSize() => message.CalculateSize();

    public override void WriteTo(IBufferWriter<byte> buffer) => message.WriteTo(buffer);
}

/// <summary>
/// An answer that is bytes already, because the store has them so. gRPC sends them as they are; the message is parsed for protocols that
/// need it.
/// </summary>
internal abstract class StoredAnswer<T> : Answer<T>
    where T : class, IMessage<T>, new()
{
    public override T Message
    {
        get
        {
            var buffer = new ArrayBufferWriter<byte>(Math.Max(1, CalculateSize()));
            WriteTo(buffer);
            var message = new T();
            message.MergeFrom(buffer.WrittenSpan);
            return message;
        }
    }

    public sealed override bool IsShared => false;
}
