using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Client;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Sending;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

/// <summary>Claims and reports of several workers, on a server with its own dispatcher off.</summary>
public sealed class LeaseTests : IAsyncLifetime
{
    private static readonly Caller Worker = Caller.System("org");

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private TestServer? _server;
    private TaskGrpcClient? _client;
    private DeliveryTries _tries;

    private TaskGrpcClient Client => _client!;

    private DeliveryVerbs Deliveries => _server!.Services.GetRequiredService<DeliveryVerbs>();

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(_folder.Path, _time, new Dictionary<string, string?> { ["Delivery:Enabled"] = "false" });
        _client = _server.Client("org");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Ten_workers_with_one_due_delivery_Get_one_lease()
    {
        await TriggerAsync();
        var due = Assert.Single(await DueAsync());
        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ClaimAsync(due)));
        var claimed = Assert.Single(claims, claim => claim.Id.Length > 0);
        Assert.Equal((DeliveryStatus.Delivering, 1, null), (claimed.Status, claimed.AttemptCount, claimed.NextAttemptAt));
        Assert.Empty(await DueAsync());
    }

    [Fact]
    public async Task A_lease_that_ran_out_Is_taken_up_and_the_late_worker_is_fenced_out()
    {
        await TriggerAsync();
        var first = await ClaimAsync((await DueAsync()).Single());
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(await DueAsync());
        _time.Advance(TimeSpan.FromSeconds(2));
        var due = (await DueAsync()).Single();
        var second = await ClaimAsync(due);
        Assert.Equal((2, "The server stopped during the attempt. The target may have received the alert."),
            (second.AttemptCount, Assert.Single(second.Attempts).Error));
        Assert.Equal(first.UpdatedAt, second.Attempts[0].StartedAt);

        Assert.Equal("", (await ReportAsync(first, AttemptResult.Succeeded)).Id);
        Assert.Equal(second, await Client.GetAsync(second));
        Assert.Equal(new DeliveryTries(Ended: 0, CutShort: 1), _tries);
        var delivered = await ReportAsync(second, AttemptResult.Succeeded);
        Assert.Equal((DeliveryStatus.Delivered, 2), (delivered.Status, delivered.Attempts.Count));
        Assert.Equal("", (await ReportAsync(second, AttemptResult.Retryable("late"))).Id);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await DueAsync());
    }

    [Fact]
    public async Task An_attempt_read_before_a_cancel_and_a_redelivery_Is_not_due_any_more()
    {
        var delivery = await TriggerAsync();
        var seen = (await DueAsync()).Single();
        await Client.Deliveries.CancelDeliveryAsync(new() { Id = delivery.Id });
        Assert.Equal("", (await ClaimAsync(seen)).Id);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Client.Deliveries.RedeliverDeliveryAsync(new() { Id = delivery.Id });
        Assert.Equal("", (await ClaimAsync(seen)).Id);
        Assert.Equal(delivery.Id, (await ClaimAsync((await DueAsync()).Single())).Id);
    }

    [Fact]
    public async Task An_attempt_that_was_cut_short_Ends_CANCELED_when_its_task_is_gone()
    {
        var delivery = await TriggerAsync();
        await ClaimAsync((await DueAsync()).Single());
        await Client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = delivery.TaskId });
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("", (await ClaimAsync((await DueAsync()).Single())).Id);
        var ended = await Client.GetAsync(delivery);
        Assert.Equal(
            (DeliveryStatus.Canceled, 1, AttemptOutcome.Retryable), (ended.Status, ended.AttemptCount, ended.Attempts.Single().Outcome));
        Assert.Empty(await DueAsync());
    }

    [Fact]
    public async Task Cut_short_while_its_task_is_paused_and_then_deleted_An_attempt_still_comes_to_its_end()
    {
        var delivery = await TriggerAsync();
        await ClaimAsync((await DueAsync()).Single());
        await Client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = delivery.TaskId });
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(await DueAsync());
        await Client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = delivery.TaskId });
        await ClaimAsync((await DueAsync()).Single());
        Assert.Equal(DeliveryStatus.Canceled, (await Client.GetAsync(delivery)).Status);
    }

    [Fact]
    public async Task An_attempt_that_is_cut_short_every_time_Ends_DEAD()
    {
        var delivery = await TriggerAsync();
        for (var tries = 1; tries <= 10; tries++)
        {
            Assert.Equal(tries, (await ClaimAsync((await DueAsync()).Single())).AttemptCount);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal("", (await ClaimAsync((await DueAsync()).Single())).Id);
        var dead = await Client.GetAsync(delivery);
        Assert.Equal((DeliveryStatus.Dead, 10, 10), (dead.Status, dead.AttemptCount, dead.Attempts.Count));
        Assert.Empty(await DueAsync());

        // After a redelivery the count of tries starts again.
        await Client.Deliveries.RedeliverDeliveryAsync(new() { Id = delivery.Id });
        await ClaimAsync((await DueAsync()).Single());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(12, (await ClaimAsync((await DueAsync()).Single())).AttemptCount);
    }

    [Fact]
    public async Task Only_the_last_fifty_attempts_Are_kept_and_all_are_counted()
    {
        var delivery = await TriggerAsync();
        for (var round = 0; round < 6; round++)
        {
            for (var tries = 1; tries <= 10; tries++)
            {
                var due = (await DueAsync()).Single();
                await ReportAsync(await ClaimAsync(due), AttemptResult.Retryable($"{round}.{tries}"));
                Assert.Equal(tries - 1, _tries.Ended);
                _time.Advance(TimeSpan.FromDays(2));
            }

            Assert.Equal(DeliveryStatus.Dead, (await Client.GetAsync(delivery)).Status);
            await Client.Deliveries.RedeliverDeliveryAsync(new() { Id = delivery.Id });
        }

        var last = await Client.GetAsync(delivery);
        Assert.Equal((60, 50, "1.1", "5.10"), (last.AttemptCount, last.Attempts.Count, last.Attempts[0].Error, last.Attempts[^1].Error));
    }

    [Fact]
    public async Task A_death_between_trigger_and_attempt_Loses_nothing()
    {
        var delivery = await TriggerAsync();
        await _server!.DisposeAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        _server = await TestServer.StartAsync(_folder.Path, _time);
        using var client = _server.Client("org");
        // The endpoint is down, but the next server attempts the delivery without a call.
        Assert.Equal(1, (await client.UntilAsync(delivery, DeliveryStatus.Retrying)).AttemptCount);
    }

    private async Task<Delivery> TriggerAsync() =>
        await Client.TriggerAsync(await Client.CreateMonitorTaskAsync(Sample.Webhook(new Uri("http://127.0.0.1:9/hook"))));

    private async Task<List<DueResource>> DueAsync()
    {
        using var rented = await _server!.Services.GetRequiredService<TaskStore>().RentAsync("", default);
        var (schedule, now) = (rented.Reader.Statements<ScheduleStatements>(), _time.GetUtcNow());
        var places = schedule.Places(SchedulePurpose.Delivery, null).ToArray();
        return [.. places.SelectMany(place =>
            schedule.At(SchedulePurpose.Delivery, place.OrganizationId, place.Group, now, 10, Guid.Empty))];
    }

    private async Task<Delivery> ClaimAsync(DueResource due)
    {
        var tries = default(DeliveryTries);
        var claimed = await CommitAsync(unit =>
            Deliveries.Claim(unit, due, next => RetrySchedule.After(next, retryAfter: null, chance: 0), out tries));
        _tries = claimed.Id.Length > 0 ? tries : _tries;
        return claimed;
    }

    private Task<Delivery> ReportAsync(Delivery claimed, AttemptResult result) =>
        CommitAsync(unit =>
            Deliveries.Report(unit, claimed, result, _tries, RetrySchedule.After(_tries.Next, result.RetryAfter, chance: 0.5)));

    private Task<Delivery> CommitAsync(Func<UnitOfWork, Delivery> run) =>
        _server!.Services.GetRequiredService<CommitLanes>()
            .CommitAsync(new LedgerCommand<Delivery>(Worker, request: null, dryRun: false, run, default));
}
