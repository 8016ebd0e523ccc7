namespace TaskGrpc.Server.Hosting.Frames;

/// <summary>The checksums with which compressed data ends.</summary>
internal static class Checksum
{
    private const uint Crc32Polynomial = 0xEDB88320;
    private const uint Adler32Modulus = 65521;

    private static readonly uint[] Crc32Table = [.. Enumerable.Range(0, 256).Select(Crc32Entry)];

    /// <summary>CRC-32 as gzip has it (RFC 1952, section 8).</summary>
    public static uint Crc32(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc = Crc32Table[(crc ^ value) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }

    /// <summary>Adler-32 as zlib has it (RFC 1950, section 8.2).</summary>
    public static uint Adler32(ReadOnlySpan<byte> data)
    {
        // So many bytes cannot overflow the sums before they are reduced.
        const int block = 5552;
        uint a = 1, b = 0;
        for (; !data.IsEmpty; data = data[Math.Min(block, data.Length)..])
        {
            foreach (var value in data[..Math.Min(block, data.Length)])
            {
                a += value;
                b += a;
            }

            (a, b) = (a % Adler32Modulus, b % Adler32Modulus);
        }

        return (b << 16) | a;
    }

    private static uint Crc32Entry(int index)
    {
        var entry = (uint)index;
        for (var bit = 0; bit < 8; bit++)
        {
            entry = (entry & 1) == 0 ? entry >> 1 : (entry >> 1) ^ Crc32Polynomial;
        }

        return entry;
    }
}
