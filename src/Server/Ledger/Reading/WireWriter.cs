using System.Buffers;
using System.Text;
using Google.Protobuf;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>
/// Writes Protobuf's wire format for messages made of stored bytes, without parsing them. The response's buffer takes a lock at each
/// Advance, so this advances by whole blocks.
/// </summary>
internal ref struct WireWriter(IBufferWriter<byte> buffer)
{
    /// <summary>The most bytes of a varint.</summary>
    private const int LongestNumber = 10;

    private Span<byte> _block;
    private int _used;

    public static uint LengthDelimited(int field) => WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);

    public static uint Number(int field) => WireFormat.MakeTag(field, WireFormat.WireType.Varint);

    /// <summary>The size of a bytes field with its tag and length.</summary>
    public static int SizeOf(uint tag, int length) =>
        CodedOutputStream.ComputeUInt32Size(tag) + CodedOutputStream.ComputeLengthSize(length) + length;

    /// <summary>The size of a number with its tag; 0 for the number 0, which is not written.</summary>
    public static int SizeOf(uint tag, long number) =>
        number == 0 ? 0 : CodedOutputStream.ComputeUInt32Size(tag) + CodedOutputStream.ComputeInt64Size(number);

    /// <summary>Writes the tag and the length of a bytes field.</summary>
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

    /// <summary>A span for the caller to fill.</summary>
    public Span<byte> Take(int length)
    {
        if (_block.Length - _used < length)
        {
            NextBlock(length);
        }

        _used += length;
        return _block.Slice(_used - length, length);
    }

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
