using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// Creates UUIDv7s (RFC 9562). Guid.CreateVersion7 makes a system call for each, on the lane's thread; this uses the process's
/// cryptographic generator.
/// </summary>
internal static class ResourceId
{
    public static Guid New(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes[6..]);
        // 48 bits of milliseconds, the version and the variant; the rest is random.
        Span<byte> milliseconds = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(milliseconds, time.ToUnixTimeMilliseconds());
        milliseconds[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }
}
