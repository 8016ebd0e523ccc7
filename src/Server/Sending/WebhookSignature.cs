using System.Security.Cryptography;
using System.Text;

namespace TaskGrpc.Server.Sending;

/// <summary>The signature of Standard Webhooks 1.0: HMAC-SHA256 over id, timestamp and body, once for each secret.</summary>
internal static class WebhookSignature
{
    public static string Of(IEnumerable<byte[]> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed =
            [.. Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret, signed))}"));
    }
}
