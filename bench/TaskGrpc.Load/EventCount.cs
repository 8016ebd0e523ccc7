using System.Buffers;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;

namespace TaskGrpc.Load;

/// <summary>The number of events in a stream's message, counted without parsing, to measure the server and not the client.</summary>
internal sealed record EventCount(int Events)
{
    private static readonly EventCount One = new(1);

    /// <summary>Reads a message as the number of its events.</summary>
    /// <param name="field">The number of the field that contains the events.</param>
    public static Marshaller<EventCount> Of(int field)
    {
        var events = ((uint)field << 3) | 2;
        return Marshallers.Create<EventCount>(
            static (_, _) => throw new NotSupportedException("A client sends no events."),
            context => Count(context.PayloadAsReadOnlySequence(), events));
    }

    private static EventCount Count(ReadOnlySequence<byte> payload, uint tag)
    {
        var input = payload.IsSingleSegment && MemoryMarshal.TryGetArray(payload.First, out var segment)
            ? new CodedInputStream(segment.Array, segment.Offset, segment.Count)
            : new CodedInputStream(payload.ToArray());
        var events = 0;
        while (input.ReadTag() is var read && read != 0)
        {
            events += read == tag ? 1 : 0;
            input.SkipLastField();
        }

        return events == 1 ? One : new EventCount(events);
    }
}
