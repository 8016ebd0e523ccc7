using TaskGrpc.Faults.Tests.History;
using TaskGrpc.Server.Faults;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>The server dies during attempts: each alert arrives at least once, always with the same id.</summary>
public sealed class DeliveryKillTests : IDisposable
{
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Delivery__AllowHttp"] = "true",
        ["Delivery__AllowedNetworks__0"] = "127.0.0.0/8",
        ["Delivery__AttemptTimeout"] = "00:00:01",
        ["Delivery__Lease"] = "00:00:04",
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_between_the_receivers_200_and_the_commit_An_alert_comes_again_with_the_same_id()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        // A server sends slowly right after its start, and an attempt that times out would add a third.
        using var server = new ServerProcess(_folder.Path,
            settings: new Dictionary<string, string>(
                Settings)
            { ["Delivery__AttemptTimeout"] = "00:00:06", ["Delivery__Lease"] = "00:00:08" });
        await server.StartAsync($"{FaultPoint.AfterSend}:0");
        Delivery delivery;
        string secret;
        using (var client = server.Client("org"))
        {
            secret = (await client.SigningSecrets.CreateSigningSecretAsync(new())).Secret;
            delivery = await client.TriggerAsync(await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address)));
        }

        var first = await receiver.NextAsync();
        await server.ExitedAsync();
        await server.StartAsync();
        var second = await receiver.NextAsync();

        using var after = server.Client("org", maxAttempts: 5);
        var delivered = await after.UntilAsync(delivery, DeliveryStatus.Delivered);
        Assert.Equal([delivery.Id, delivery.Id], new[] { first, second }.Select(webhook => webhook.Headers["webhook-id"]));
        Assert.Equal(first.Body, second.Body);
        // The keys that decrypt the secret survived the process.
        Assert.True(first.IsSignedBy(secret) && second.IsSignedBy(secret));
        Assert.Equal([AttemptOutcome.Retryable, AttemptOutcome.Succeeded], delivered.Attempts.Select(attempt => attempt.Outcome));
        Assert.Equal((2, 2), (delivered.AttemptCount, receiver.All.Count));
    }

    [Fact]
    public async Task Killed_again_and_again_under_load_No_alert_is_lost_and_the_log_holds()
    {
        const int alerts = 300;
        await using var receiver = await WebhookReceiver.StartAsync();
        using var server = new ServerProcess(_folder.Path, settings: Settings);
        await server.StartAsync();
        using var client = server.Client("org", maxAttempts: 5);
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var task = await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));
        var keys = new Queue<string>(Enumerable.Range(0, alerts).Select(i => $"k{i}"));
        var triggered = new HashSet<string>();
        for (var kill = 0; kill < 3; kill++)
        {
            for (var i = 0; i < alerts / 3; i++)
            {
                triggered.Add((await client.TriggerAsync(task, keys.Dequeue())).Id);
            }

            await server.KillAsync();
            await server.StartAsync();
        }

        foreach (var id in triggered)
        {
            await client.WaitUntilTerminalAsync(id).WaitAsync(TimeSpan.FromSeconds(60));
        }

        Assert.Equal(alerts, triggered.Count);
        Assert.Equal(alerts, await client.ListDeliveriesAsync(new() { Filter = "status = DELIVERED" }).CountAsync());
        Assert.Equal(triggered.Order(), receiver.All.Select(webhook => webhook.Headers["webhook-id"]).Distinct().Order());
        Assert.Empty(HistoryChecker.Check(await GroundTruth.ReadAsync(client, "org"), []));
    }
}
