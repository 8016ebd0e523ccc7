using Google.Protobuf;

namespace TaskGrpc.Server.Ledger;

/// <summary>Protobuf's own bytes, for messages that are made of stored bytes and never become objects here.</summary>
internal static class Wire
{
    public static uint LengthDelimited(int field) => WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);

    public static uint Number(int field) => WireFormat.MakeTag(field, WireFormat.WireType.Varint);

    /// <summary>The size of a field of bytes with its tag and its length.</summary>
    public static int SizeOf(uint tag, int length) => CodedOutputStream.ComputeUInt32Size(tag) + CodedOutputStream.ComputeLengthSize(length) + length;

    /// <summary>Writes a number and tells where the next one begins.</summary>
    public static int Varint(Span<byte> span, int at, ulong value)
    {
        while (value >= 0x80)
        {
            span[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[at++] = (byte)value;
        return at;
    }
}
