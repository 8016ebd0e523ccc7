using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>
/// A hash of the organization's name in a resume token, of fixed length. A stream computes it once; hashing the name for each message
/// was a tenth of the fan-out to many watchers.
/// </summary>
internal readonly record struct OrganizationStamp
{
    private readonly ulong _value;

    public OrganizationStamp(string organizationId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(organizationId), hash);
        _value = BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt64BigEndian(bytes, _value);

    public bool IsAt(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64BigEndian(bytes) == _value;
}
