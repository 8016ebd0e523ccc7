using System.Security.Cryptography;
using System.Text;

namespace TaskGrpc.TestKit;

/// <summary>The receiver's side of Standard Webhooks 1.0, written from the specification; it shares no code with the server.</summary>
public static class StandardWebhook
{
    private const string Prefix = "whsec_";

    /// <summary>Whether one of the signatures is valid for the secret, over the id, timestamp and body as received.</summary>
    public static bool IsSignedBy(this ReceivedWebhook webhook, string secret) =>
        webhook.Headers["webhook-signature"].Split(' ')
            .Contains($"v1,{Sign(secret, webhook.Headers["webhook-id"], webhook.Headers["webhook-timestamp"], webhook.Body)}");

    public static string Sign(string secret, string id, string timestamp, byte[] body)
    {
        using var hmac = new HMACSHA256(
            Convert.FromBase64String(secret.StartsWith(Prefix, StringComparison.Ordinal) ? secret[Prefix.Length..] : secret));
        using var signed = new MemoryStream();
        signed.Write(Encoding.UTF8.GetBytes(id + "." + timestamp + "."));
        signed.Write(body);
        return Convert.ToBase64String(hmac.ComputeHash(signed.ToArray()));
    }
}
