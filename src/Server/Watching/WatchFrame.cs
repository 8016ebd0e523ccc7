using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// A WatchResponse made of changes that are bytes already. It goes over the wire without being parsed or built again: each change
/// was serialised once, at its commit, for all watchers.
/// </summary>
internal sealed class WatchFrame
{
    private static readonly uint EventsTag = Wire.LengthDelimited(WatchResponse.EventsFieldNumber);
    private static readonly uint RevisionTag = Wire.Number(WatchResponse.RevisionFieldNumber);
    private static readonly uint TokenTag = Wire.LengthDelimited(WatchResponse.ResumeTokenFieldNumber);
    private static readonly uint SnapshotCompleteTag = Wire.Number(WatchResponse.SnapshotCompleteFieldNumber);
    private static readonly uint ChangeTag = Wire.LengthDelimited(WatchEvent.ChangeFieldNumber);
    private static readonly uint MatchTag = Wire.Number(WatchEvent.MatchFieldNumber);

    private readonly List<(byte[] Change, FilterMatch Match)> _events = [];

    /// <summary>How it goes over the wire. Only ever written: a server reads no answers.</summary>
    public static Marshaller<WatchFrame> Marshaller { get; } = Marshallers.Create(
        static (frame, context) => frame.WriteTo(context),
        static WatchFrame (DeserializationContext _) => throw new NotSupportedException("A server reads no WatchResponse."));

    public int Count => _events.Count;

    /// <summary>The size of the changes so far, in bytes.</summary>
    public int Size { get; private set; }

    /// <summary>The progress to tell; 0 in a message that holds only the first part of a revision.</summary>
    public long Revision { get; set; }

    /// <summary>The token to tell; null where <see cref="Revision"/> is 0.</summary>
    public ResumeToken? Token { get; set; }

    /// <summary>Whether this message completes the snapshot.</summary>
    public bool SnapshotComplete { get; set; }

    public void Add(byte[] change, FilterMatch match)
    {
        _events.Add((change, match));
        Size += change.Length;
    }

    public void Clear()
    {
        _events.Clear();
        Size = 0;
        Revision = 0;
        Token = null;
        SnapshotComplete = false;
    }

    private void WriteTo(SerializationContext context)
    {
        var length = CalculateSize();
        context.SetPayloadLength(length);
        var buffer = context.GetBufferWriter();
        foreach (var (change, match) in _events)
        {
            var head = buffer.GetSpan(32);
            var at = Wire.Varint(head, 0, EventsTag);
            at = Wire.Varint(head, at, (ulong)EventSize(change, match));
            at = Wire.Varint(head, at, ChangeTag);
            at = Wire.Varint(head, at, (ulong)change.Length);
            buffer.Advance(at);
            buffer.Write(change);
            var end = buffer.GetSpan(16);
            at = Wire.Varint(end, 0, MatchTag);
            buffer.Advance(Wire.Varint(end, at, (ulong)match));
        }

        if (Revision > 0)
        {
            var span = buffer.GetSpan(16);
            buffer.Advance(Wire.Varint(span, Wire.Varint(span, 0, RevisionTag), (ulong)Revision));
        }

        if (Token is { } token)
        {
            var span = buffer.GetSpan(8 + ResumeToken.Length);
            var at = Wire.Varint(span, Wire.Varint(span, 0, TokenTag), ResumeToken.Length);
            token.WriteUtf8(span.Slice(at, ResumeToken.Length));
            buffer.Advance(at + ResumeToken.Length);
        }

        if (SnapshotComplete)
        {
            var span = buffer.GetSpan(16);
            buffer.Advance(Wire.Varint(span, Wire.Varint(span, 0, SnapshotCompleteTag), 1));
        }

        context.Complete();
    }

    private int CalculateSize()
    {
        var size = 0;
        foreach (var (change, match) in _events)
        {
            var inner = EventSize(change, match);
            size += Wire.SizeOf(EventsTag, inner);
        }

        size += Revision > 0 ? CodedOutputStream.ComputeUInt32Size(RevisionTag) + CodedOutputStream.ComputeInt64Size(Revision) : 0;
        size += Token is null ? 0 : Wire.SizeOf(TokenTag, ResumeToken.Length);
        size += SnapshotComplete ? CodedOutputStream.ComputeUInt32Size(SnapshotCompleteTag) + 1 : 0;
        return size;
    }

    private static int EventSize(byte[] change, FilterMatch match) =>
        Wire.SizeOf(ChangeTag, change.Length)
        + CodedOutputStream.ComputeUInt32Size(MatchTag) + CodedOutputStream.ComputeEnumSize((int)match);
}
