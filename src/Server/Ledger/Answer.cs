using System.Buffers;
using Google.Protobuf;

namespace TaskGrpc.Server.Ledger;

/// <summary>The answer of a call as bytes, which gRPC sends. Other protocols use the message of <see cref="Answer{T}"/>.</summary>
internal abstract class Answer
{
    public abstract int CalculateSize();

    public abstract void WriteTo(IBufferWriter<byte> buffer);

    /// <summary>The answer as the contract's message. Do not change it: the ledger may hold the same one.</summary>
    public abstract IMessage ToMessage();
}

/// <summary>The answer of a call as the contract's message.</summary>
internal abstract class Answer<T> : Answer
    where T : class
{
    public abstract T Message { get; }

    public sealed override IMessage ToMessage() => (IMessage)Message;

    /// <summary>Whether the ledger may hold the same message: do not change it. If false, each read creates a new one.</summary>
    public abstract bool IsShared { get; }
}

/// <summary>An answer that is a message.</summary>
internal sealed class MessageAnswer<T>(T message) : Answer<T>
    where T : class, IMessage<T>
{
    public override T Message => message;

    public override bool IsShared => true;

    public override int CalculateSize() => message.CalculateSize();

    public override void WriteTo(IBufferWriter<byte> buffer) => message.WriteTo(buffer);
}

/// <summary>An answer that is stored bytes. gRPC sends them unchanged; other protocols parse them into the message.</summary>
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
