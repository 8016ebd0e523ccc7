using System.Buffers;
using System.Text;
using Google.Protobuf;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>
/// Writes protobuf's own bytes, for messages that are made of stored bytes and never become objects here. The response's buffer takes a
/// lock with each piece that it is told of, so it is told of whole blocks.
/// </summary>
internal ref struct WireWriter(IBufferWriter<byte> buffer)
{
    /// <summary>What a number takes at most.</summary>
    private const int LongestNumber = 10;

    private Span<byte> _block;
    private int _used;

    public static uint LengthDelimited(int field) => WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);

    public static uint Number(int field) => WireFormat.MakeTag(field, WireFormat.WireType.Varint);

    /// <summary>The size of a field of bytes with its tag and its length.</summary>
    public static int SizeOf(uint tag, int length) => CodedOutputStream.ComputeUInt32Size(tag) + CodedOutputStream.ComputeLengthSize(length) + length;

    /// <summary>The size of a number with its tag; nothing for 0, which is not written.</summary>
    public static int SizeOf(uint tag, long number) => number == 0 ? 0 : CodedOutputStream.ComputeUInt32Size(tag) + CodedOutputStream.ComputeInt64Size(number);

    /// <summary>Writes a field of bytes up to where the bytes begin.</summary>
    public void Head(uint tag, int length)
    {
        Varint(tag);
        Varint((ulong)length);
    }

    public void Bytes(uint tag, ReadOnlySpan<byte> bytes)
    {
        Head(tag, bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (_used == _block.Length)
            {
                NextBlock(1);
            }

            var piece = bytes[..Math.Min(bytes.Length, _block.Length - _used)];
            piece.CopyTo(_block[_used..]);
            _used += piece.Length;
            bytes = bytes[piece.Length..];
        }
    }

    /// <summary>Writes a field of ASCII text.</summary>
    public void Ascii(uint tag, string text)
    {
        Head(tag, text.Length);
        Encoding.ASCII.GetBytes(text, Take(text.Length));
    }

    public void Number(uint tag, long number)
    {
        if (number != 0)
        {
            Varint(tag);
            Varint((ulong)number);
        }
    }

    /// <summary>A stretch to be filled by the caller.</summary>
    public Span<byte> Take(int length)
    {
        if (_block.Length - _used < length)
        {
            NextBlock(length);
        }

        _used += length;
        return _block.Slice(_used - length, length);
    }

    /// <summary>Tells the buffer of what has been written.</summary>
    public void Complete() => NextBlock(0);

    private void Varint(ulong value)
    {
        if (_block.Length - _used < LongestNumber)
        {
            NextBlock(LongestNumber);
        }

        while (value >= 0x80)
        {
            _block[_used++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _block[_used++] = (byte)value;
    }

    private void NextBlock(int least)
    {
        buffer.Advance(_used);
        _used = 0;
        _block = least == 0 ? default : buffer.GetSpan(least);
    }
}
