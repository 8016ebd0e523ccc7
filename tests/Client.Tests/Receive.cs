using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace TaskGrpc.Client.Tests;

/// <summary>The webhook receiver of docs/deliveries.md, compiled and run; a test compares it with the page.</summary>
internal static class Receive
{
    public static async Task RunAsync(string secret, string url, Action<string> print, CancellationToken stop)
    {
        // The program begins.
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        using var listener = new HttpListener { Prefixes = { url } };
        listener.Start();
        while (true)
        {
            var context = await listener.GetContextAsync();
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body, stop);
            var (id, timestamp) = (context.Request.Headers["webhook-id"], context.Request.Headers["webhook-timestamp"]);
            byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body.ToArray()];
            var signature = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
            var isOurs = (context.Request.Headers["webhook-signature"] ?? "").Split(' ').Any(one =>
                CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(one), Encoding.ASCII.GetBytes(signature)));

            // Refuse timestamps more than five minutes off as well, and keep each id: an alert may come twice.
            print($"{(isOurs ? "verified" : "FORGED")} {id}: {Encoding.UTF8.GetString(body.ToArray())}");
            context.Response.StatusCode = isOurs ? 204 : 401;
            context.Response.Close();
        }

        // The program ends.
    }
}
