namespace TaskGrpc.Server.Protocols.Grpc.Frames;

/// <summary>The checksum at the end of zlib data (RFC 1950, section 8.2). System.IO.Hashing has it from .NET 11 on.</summary>
internal static class Adler32
{
    private const uint Modulus = 65521;

    public static uint Of(ReadOnlySpan<byte> data)
    {
        // The most bytes for which the sums cannot overflow.
        const int block = 5552;
        uint a = 1, b = 0;
        for (; !data.IsEmpty; data = data[Math.Min(block, data.Length)..])
        {
            foreach (var value in data[..Math.Min(block, data.Length)])
            {
                a += value;
                b += a;
            }

            (a, b) = (a % Modulus, b % Modulus);
        }

        return (b << 16) | a;
    }
}
