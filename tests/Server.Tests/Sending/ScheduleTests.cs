using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Client;
using TaskGrpc.Server.Sending;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

/// <summary>Retries over hours and days of a fake clock, against real sockets.</summary>
public sealed class ScheduleTests : IAsyncLifetime
{
    private static readonly TimeSpan[] Slots =
        [TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5)];

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private TestServer? _server;
    private TaskGrpcClient? _client;

    private TestServer Server => _server!;

    private TaskGrpcClient Client => _client!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(_folder.Path, _time);
        _client = _server.Client("org");
        await _client.SigningSecrets.CreateSigningSecretAsync(new());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_endpoint_down_for_four_hours_Gets_its_attempts_on_schedule_and_then_the_alert()
    {
        var isUp = false;
        await using var receiver = await WebhookReceiver.StartAsync((context, _) => WebhookReceiver.Answer(context, isUp ? 200 : 503));
        var delivery = await Client.TriggerAsync(await Client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address)));
        var began = _time.GetUtcNow();
        for (var tries = 1; tries <= Slots.Length; tries++)
        {
            var number = tries;
            var failed = await Client.UntilAsync(delivery, seen => seen.Status == DeliveryStatus.Retrying && seen.AttemptCount == number);
            var wait = failed.NextAttemptAt.ToDateTimeOffset() - failed.Attempts[^1].FinishedAt.ToDateTimeOffset();
            Assert.InRange(wait / Slots[tries - 1], 0.8, 1.2);
            isUp = _time.GetUtcNow() + wait - began > TimeSpan.FromHours(4);

            // One millisecond before its time the attempt does not start, as the log shows later; on time it does.
            _time.Advance(wait - TimeSpan.FromMilliseconds(1));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        var delivered = await Client.UntilAsync(delivery, DeliveryStatus.Delivered);
        Assert.Equal(6, delivered.AttemptCount);
        Assert.All(delivered.Attempts.Zip(delivered.Attempts.Skip(1)), pair => Assert.True(pair.Second.StartedAt > pair.First.FinishedAt));
        Assert.Equal(delivered.Attempts.Count, receiver.All.Count);
        Assert.Single(receiver.All.Select(webhook => webhook.Headers["webhook-id"]).Distinct());
        Assert.Equal(delivered.Attempts.Select(attempt => $"{attempt.StartedAt.Seconds}"),
            receiver.All.Select(webhook => webhook.Headers["webhook-timestamp"]));
    }

    [Fact]
    public async Task After_the_last_retry_a_delivery_Is_DEAD_and_Redeliver_starts_the_schedule_again()
    {
        var delivery = await Client.TriggerAsync(await Client.CreateMonitorTaskAsync(Sample.Webhook(new Uri("http://127.0.0.1:9/hook"))));
        for (var tries = 1; tries <= 9; tries++)
        {
            var number = tries;
            var failed = await Client.UntilAsync(delivery, seen => seen.Status == DeliveryStatus.Retrying && seen.AttemptCount == number);
            _time.SetUtcNow(failed.NextAttemptAt.ToDateTimeOffset());
        }

        var dead = await Client.UntilAsync(delivery, DeliveryStatus.Dead);
        Assert.Equal((10, null), (dead.AttemptCount, dead.NextAttemptAt));
        Assert.All(dead.Attempts, attempt => Assert.Equal((AttemptOutcome.Retryable, false), (attempt.Outcome, attempt.HasHttpStatus)));
        await Client.Deliveries.RedeliverDeliveryAsync(new() { Id = dead.Id });
        var again = await Client.UntilAsync(delivery, seen => seen is { Status: DeliveryStatus.Retrying, AttemptCount: 11 });
        Assert.InRange((again.NextAttemptAt - again.Attempts[^1].FinishedAt).ToTimeSpan() / Slots[0], 0.8, 1.2);
    }

    [Fact]
    public async Task RetryAfter_Is_honoured_up_to_twice_the_slot_and_slows_its_endpoint_down()
    {
        await using var receiver = await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.Headers.RetryAfter = "3600";
            return WebhookReceiver.Answer(context, 429);
        });
        var task = await Client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));
        var first = await Client.UntilAsync(await Client.TriggerAsync(task, "a"), DeliveryStatus.Retrying);
        Assert.Equal(TimeSpan.FromSeconds(10), (first.NextAttemptAt - first.Attempts[^1].FinishedAt).ToTimeSpan());

        // The endpoint sent Retry-After: a second alert waits for a minute at most, and this does not delay other endpoints.
        var second = await Client.TriggerAsync(task, "b");
        await using var other = await WebhookReceiver.StartAsync();
        await Client.UntilAsync(
            await Client.TriggerAsync(await Client.CreateMonitorTaskAsync(Sample.Webhook(other.Address))), DeliveryStatus.Delivered);
        Assert.Equal((DeliveryStatus.Pending, 1), ((await Client.GetAsync(second)).Status, receiver.All.Count));
        _time.Advance(TimeSpan.FromMinutes(1));
        await Client.UntilAsync(second, DeliveryStatus.Retrying);
    }

    [Fact]
    public async Task While_its_task_is_paused_nothing_Is_attempted_and_Resume_lets_it_go()
    {
        await using var receiver = await WebhookReceiver.StartAsync((context, _) => WebhookReceiver.Answer(context, 503));
        var (paused, active) = (await Client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address)),
            await Client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address)));
        var (held, free) = (await Client.TriggerAsync(paused), await Client.TriggerAsync(active));
        held = await Client.UntilAsync(held, DeliveryStatus.Retrying);
        await Client.UntilAsync(free, DeliveryStatus.Retrying);
        await Client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = paused.TaskId });

        _time.Advance(TimeSpan.FromSeconds(10));
        await Client.UntilAsync(free, seen => seen is { Status: DeliveryStatus.Retrying, AttemptCount: 2 });
        _time.Advance(TimeSpan.FromMinutes(10));
        await Client.UntilAsync(free, seen => seen is { Status: DeliveryStatus.Retrying, AttemptCount: 3 });
        Assert.Equal(held, await Client.GetAsync(held));

        await Client.MonitorTasks.ResumeMonitorTaskAsync(new() { TaskId = paused.TaskId });
        await Client.UntilAsync(held, seen => seen is { Status: DeliveryStatus.Retrying, AttemptCount: 2 });
    }

    [Fact]
    public async Task A_name_that_was_public_and_now_is_loopback_Is_not_connected_to()
    {
        var answers = new Queue<string>(["127.0.0.2", "127.0.0.1"]);
        await using var receiver = await WebhookReceiver.StartAsync();
        using var folder = new TemporaryFolder();
        // The first address takes the place of a public one: the guard allows it, and no process listens there.
        var settings = new Dictionary<string, string?> { ["Delivery:AllowedNetworks:0"] = "127.0.0.2/32" };
        await using var server = await TestServer.StartAsync(folder.Path, _time, settings,
            services => services.AddSingleton<ResolveHost>((_, _) => Task.FromResult(new[] { IPAddress.Parse(answers.Dequeue()) })));
        using var client = server.Client("org");
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var endpoint = new UriBuilder(receiver.Address) { Host = "hooks.example.com" }.Uri;
        var delivery = await client.TriggerAsync(await client.CreateMonitorTaskAsync(Sample.Webhook(endpoint)));
        var first = await client.UntilAsync(delivery, DeliveryStatus.Retrying);
        _time.SetUtcNow(first.NextAttemptAt.ToDateTimeOffset());
        var dead = await client.UntilAsync(delivery, DeliveryStatus.Dead);

        Assert.Equal([AttemptOutcome.Retryable, AttemptOutcome.Permanent], dead.Attempts.Select(attempt => attempt.Outcome));
        Assert.Contains("public", dead.Attempts[1].Error, StringComparison.Ordinal);
        Assert.Empty(answers);
        Assert.Empty(receiver.All);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/hook")]
    [InlineData("http://localhost:{0}/hook")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/hook")]
    [InlineData("http://0.0.0.0:{0}/hook")]
    public async Task A_machine_of_the_servers_own_network_Is_refused_unless_it_is_allowed(string form)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(
            folder.Path, settings: new Dictionary<string, string?> { ["Delivery:AllowedNetworks:0"] = "198.51.100.0/24" });
        using var client = server.Client("org");
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var endpoint = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, receiver.Address.Port);
        var dead = await client.UntilAsync(
            await client.TriggerAsync(await client.CreateMonitorTaskAsync(new() { Type = DeliveryType.Webhook, Endpoint = endpoint })),
            DeliveryStatus.Dead);
        Assert.Equal(AttemptOutcome.Permanent, Assert.Single(dead.Attempts).Outcome);
        Assert.Empty(receiver.All);
    }

    [Fact]
    public async Task Http_Is_refused_unless_the_operator_allows_it()
    {
        using var folder = new TemporaryFolder();
        await using var server =
            await TestServer.StartAsync(folder.Path, settings: new Dictionary<string, string?> { ["Delivery:AllowHttp"] = "false" });
        using var client = server.Client("org");
        await Refusal.OfFieldsAsync(
            () => client.CreateMonitorTaskAsync(Sample.Webhook(new Uri("http://hooks.example.com"))), "monitor_task.delivery.endpoint");
        await client.CreateMonitorTaskAsync(Sample.Webhook(new Uri("https://hooks.example.com")));
    }
}
