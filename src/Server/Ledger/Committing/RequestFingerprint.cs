using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>A hash over the request and its type.</summary>
internal static class RequestFingerprint
{
    public static byte[] Of(IMutation request)
    {
        var name = Encoding.UTF8.GetBytes(request.Descriptor.FullName);
        var bytes = new byte[name.Length + request.CalculateSize()];
        name.CopyTo(bytes, 0);
        // Deterministic, because an equal Struct may have its keys in another order.
        using (var output = new CodedOutputStream(
            new MemoryStream(bytes, name.Length, bytes.Length - name.Length), leaveOpen: false)
        { Deterministic = true })
        {
            request.WriteTo(output);
        }

        return SHA256.HashData(bytes)[..16];
    }
}
