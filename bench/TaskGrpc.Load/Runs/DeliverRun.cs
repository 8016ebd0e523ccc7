using System.Diagnostics;
using Grpc.Core;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>
/// Alerts to ten endpoints, three of them dead: do the seven live ones receive theirs as fast as without the dead ones? One server with
/// delivery off creates the alerts; the clock starts with a server that delivers.
/// </summary>
internal static class DeliverRun
{
    private const int Live = 7;
    private const int Dead = 3;
    private const int Few = 1000;

    private static readonly (string, string)[] Allowed = [("Delivery:AllowHttp", "true"), ("Delivery:AllowedNetworks:0", "127.0.0.0/8")];

    public static async Task RunAsync(int alerts)
    {
        var each = alerts / (Live + Dead);
        Console.WriteLine(
            $"{each:N0} alerts to each endpoint; {Live} answer, {Dead} are dead: one refuses, one is silent, one answers 503.\n");
        Console.WriteLine(
            "| round | live alone, alerts/s | live beside dead, alerts/s | ratio | server CPU µs an alert, alone and beside | attempts "
            + "at the dead meanwhile |");
        Console.WriteLine("|---|---|---|---|---|---|");
        for (var round = 1; round <= (alerts > Few ? 3 : 1); round++)
        {
            var (alone, cpuAlone, _) = await RoundAsync(each, dead: 0);
            var (beside, cpuBeside, attempts) = await RoundAsync(each, Dead);
            Console.WriteLine(
                $"| {round} | {alone:N0} | {beside:N0} | {beside / alone:F2} | {cpuAlone:F0}, {cpuBeside:F0} | {attempts:N0} |");
        }
    }

    private static async Task<(double Rate, double Cpu, int Attempts)> RoundAsync(int each, int dead)
    {
        var data = Directory.CreateTempSubdirectory("taskgrpc-deliver-");
        await using var live = await LoadReceiver.StartAsync(Live, status: 204);
        await using var failing = await LoadReceiver.StartAsync(1, status: 503);
        using var silent = new SilentEndpoint();
        Uri[] endpoints =
            [.. live.Addresses, .. new[] { new Uri("http://127.0.0.1:9/hook"), silent.Address, failing.Addresses[0] }.Take(dead)];

        // 1. Create the alerts, in one organization for each endpoint.
        using (var waiting = await LoadServer.StartAsync(data, [.. Allowed, ("Delivery:Enabled", "false")]))
        {
            using var client = waiting.Connect();
            await Task.WhenAll(endpoints.Select((endpoint, i) => TriggerAsync(client, endpoint, $"organization-{i}", each)));
        }

        // 2. Wait until the live endpoints have received theirs.
        double rate;
        int attempts;
        TimeSpan cpu;
        using (var sending = await LoadServer.StartAsync(data, Allowed))
        {
            var (clock, before) = (Stopwatch.StartNew(), sending.Cpu);
            await live.UntilAsync(each * Live);
            rate = each * Live / clock.Elapsed.TotalSeconds;
            cpu = (sending.Cpu - before) / (each * Live);
            attempts = failing.Count + silent.Connections;
        }

        data.Delete(recursive: true);
        return (rate, cpu.TotalMicroseconds, attempts);
    }

    private static async Task TriggerAsync(TaskGrpc.Client.TaskGrpcClient client, Uri endpoint, string organization, int alerts)
    {
        var options = new CallOptions(new Metadata { { "x-organization-id", organization } });
        await client.SigningSecrets.CreateSigningSecretAsync(new(), options);
        var task = await client.MonitorTasks.CreateMonitorTaskAsync(
            new()
            {
                MonitorTask = new()
                {
                    Intent = "Tell ops",
                    ConceptId = "margin",
                    ConceptVersion = "1",
                    ConditionId = "below-ten",
                    ConditionVersion = "1",
                    ActionId = "alert",
                    ActionVersion = "1",
                    EntityScope = "all",
                    Delivery = new() { Type = DeliveryType.Webhook, Endpoint = endpoint.ToString() },
                },
            },
            options);
        foreach (var keys in Enumerable.Range(0, alerts).Chunk(32))
        {
            await Task.WhenAll(
                keys.Select(key =>
                    client.MonitorTasks.TriggerMonitorTaskAsync(
                        new() { TaskId = task.TaskId, TriggerKey = $"{key}", EntityId = $"store-{key}" }, options).ResponseAsync));
        }
    }
}
