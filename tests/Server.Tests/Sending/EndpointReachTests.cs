using System.Net;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Sending;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

/// <summary>For every accepted endpoint the server gets as far as connecting: only the network can refuse it.</summary>
public sealed class EndpointReachTests(ITestOutputHelper output) : IDisposable
{
    private const int Tries = 1500;

    private static readonly string[] Schemes = ["https://", "http://", "HTTPS://"];

    private static readonly string[] Labels =
    [
        "a", "example", "xn--1-zhc", "xn--a", "xn--", "א1", "א", "ПОЧТА", "Bücher", "ß", "例え", "ｅ", "e\u0301", "ﬁ", "İ", "☃", "a\u200bb",
            "a\u200db", "\u00ad", "a_b", "-a", "a-", "1", "255",
        "0x7f", "127", "%61", "", "a--b", "\ue000", "😀", "א\u0628", "\u0660\u0661", "न\u093c", new string('a', 63), new string('a', 64),
            new string('ü', 40), new string('ü', 60),
    ];

    private static readonly string[] Addresses =
        ["[2001:db8::1]", "[::ffff:192.0.2.1]", "[fe80::1%25eth0]", "[fe80::1%1]", "192.0.2.7", "[::", "192.0.2"];
    private static readonly string[] Ports = ["", "", "", ":1", ":65535", ":0", ":65536", ":", ":08443"];
    private static readonly string[] Paths = ["", "/", "/x y", "/é", "/%zz", "/%0a", "/\u2028", "/?q=ü", "/a/../b", "?x", "#f", "/\u0007",
        "/[]{}|^`", "/\"<>", "//", "/\ud83d\ude00"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_accepted_endpoint_Comes_as_far_as_the_connection()
    {
        var random = new Random(21);
        // Names resolve to an address that the guard refuses: after the server tried to connect, and before any byte leaves this machine.
        await using var server = await TestServer.StartAsync(_folder.Path,
            replace: services => services.AddSingleton<ResolveHost>((_, _) => Task.FromResult(new[] { IPAddress.Parse("192.0.2.1") })));
        using var client = server.Client("org");
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var accepted = 0;
        for (var i = 0; i < Tries; i++)
        {
            var endpoint = Endpoint(random);
            if (await CreateAsync(client, endpoint) is not { } task)
            {
                continue;
            }

            accepted++;
            var ended = await client.UntilAsync(await client.TriggerAsync(task), delivery => delivery.Attempts.Count > 0);
            Assert.True(ended.Attempts[0].Error == new RefusedAddressException().Message,
                $"{endpoint}, stored as {task.Delivery.Endpoint}: {ended.Attempts[0].Error}");
        }

        output.WriteLine($"{accepted} of {Tries} endpoints were accepted.");
        Assert.InRange(accepted, Tries / 20, Tries);
    }

    private static async Task<MonitorTask?> CreateAsync(Client.TaskGrpcClient client, string endpoint)
    {
        try
        {
            return await client.CreateMonitorTaskAsync(new DeliveryTarget { Type = DeliveryType.Webhook, Endpoint = endpoint });
        }
        catch (Client.TaskGrpcException refused) when (refused.Reason == ErrorReason.InvalidField)
        {
            return null;
        }
    }

    private static string Endpoint(Random random)
    {
        string Any(string[] of) => of[random.Next(of.Length)];

        var host = random.Next(6) == 0
            ? Any(Addresses) : string.Join('.', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Any(Labels)));
        return $"{Any(Schemes)}{host}{Any(Ports)}{Any(Paths)}";
    }
}
