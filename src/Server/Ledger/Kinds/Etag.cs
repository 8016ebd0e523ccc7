using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>Derives a resource's etag from its internal version, without exposing the version.</summary>
internal static class Etag
{
    public static string Of(Guid id, long version)
    {
        Span<byte> state = stackalloc byte[24];
        id.TryWriteBytes(state, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(state[16..], version);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(state, hash);
        return Base64Url.EncodeToString(hash[..9]);
    }
}
