using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Deliveries;

public abstract class DeliveryTests(ServerFixture fixture)
{
    // No process listens there, so attempts fail at once and the first retry is seconds away.
    private static readonly DeliveryTarget Nowhere = Sample.Webhook(new Uri("http://127.0.0.1:9/hook"));

    [Fact]
    public async Task A_notification_Is_created_DELIVERED_and_seen_on_its_channel()
    {
        using var client = fixture.NewClient();
        using var watch = await WatchProbe.OpenAsync(
            client, new WatchRequest { Kinds = { ResourceKind.Delivery }, Filter = "target.channel = \"ops\"" });
        await client.TriggerAsync(await client.CreateMonitorTaskAsync(Sample.Notification("dev")));
        var delivery = await client.TriggerAsync(await client.CreateMonitorTaskAsync(Sample.Notification("ops")));

        await watch.UntilCountAsync(1);

        Assert.Equal((DeliveryStatus.Delivered, delivery.CreatedAt, 0), (delivery.Status, delivery.DeliveredAt, delivery.AttemptCount));
        var seen = Assert.Single(watch.Events);
        Assert.Equal((ChangeType.Created, delivery), (seen.Change.Type, seen.Change.Delivery));
    }

    [Fact]
    public async Task A_workflow_Becomes_a_flow_execution_in_the_revision_that_marks_it_delivered()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync(new DeliveryTarget { Type = DeliveryType.Workflow, WorkflowId = "restock" });
        var delivered = await client.UntilAsync(await client.TriggerAsync(task), DeliveryStatus.Delivered);

        var flow = await client.FlowExecutions.GetFlowExecutionAsync(new() { Id = delivered.FlowExecutionId });
        Assert.Equal(("restock", FlowExecutionStatus.Queued, delivered.Payload), (flow.WorkflowId, flow.Status, flow.Input.StructValue));
        var log = await client.ListChangesAsync().ToListAsync();
        Assert.Equal(
            log.Single(seen => seen.Change.FlowExecution is not null).Change.Revision,
            log.Last(seen => seen.Change.Delivery is not null).Change.Revision);

        // A redelivery creates a new flow, and the delivery names the latest.
        await client.Deliveries.RedeliverDeliveryAsync(new() { Id = delivered.Id });
        var again = await client.UntilAsync(delivered, seen => seen is { Status: DeliveryStatus.Delivered, AttemptCount: 2 });
        Assert.NotEqual(flow.Id, again.FlowExecutionId);
        Assert.Equal(2, await client.ListFlowExecutionsAsync().CountAsync());
    }

    [Fact]
    public async Task Pause_Holds_deliveries_back_and_Resume_lets_them_go()
    {
        using var client = fixture.NewClient();
        await using var receiver = await WebhookReceiver.StartAsync();
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var task = await client.CreateMonitorTaskAsync(Nowhere);
        var failed = await client.UntilAsync(await client.TriggerAsync(task), DeliveryStatus.Retrying);
        var canceled = await client.Deliveries.CancelDeliveryAsync(new() { Id = failed.Id, Etag = failed.Etag });
        Assert.Equal((DeliveryStatus.Canceled, null), (canceled.Status, canceled.NextAttemptAt));
        await client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = task.TaskId });
        await Refusal.OfAsync(
            ErrorReason.MonitorTaskPaused, () => client.Deliveries.RedeliverDeliveryAsync(new() { Id = failed.Id }).ResponseAsync);
        await client.MonitorTasks.ResumeMonitorTaskAsync(new() { TaskId = task.TaskId });

        // The attempt is due at once, and the task is paused before it: the delivery waits for Resume.
        var hook = await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));
        var pausing = client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = hook.TaskId }).ResponseAsync;
        var held = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            try
            {
                return await client.TriggerAsync(hook, $"k{i}");
            }
            catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.MonitorTaskPaused)
            {
                return null;
            }
        }));
        await pausing;
        await client.MonitorTasks.ResumeMonitorTaskAsync(new() { TaskId = hook.TaskId });
        foreach (var delivery in held.OfType<Delivery>())
        {
            await client.UntilAsync(delivery, DeliveryStatus.Delivered);
        }

        Assert.Equal(held.OfType<Delivery>().Count(), receiver.All.Count);
    }

    [Fact]
    public async Task Delete_Cancels_what_is_open_in_the_same_revision()
    {
        using var client = fixture.NewClient();
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var task = await client.CreateMonitorTaskAsync(Nowhere);
        var open = await Task.WhenAll(Enumerable.Range(0, 5)
            .Select(async i => await client.UntilAsync(await client.TriggerAsync(task, $"k{i}"), DeliveryStatus.Retrying)));
        var done = await client.UntilAsync(await client.TriggerAsync(task, "done"), DeliveryStatus.Retrying);
        await client.Deliveries.CancelDeliveryAsync(new() { Id = done.Id });

        await client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = task.TaskId });

        var last = await client.ListChangesAsync().ToListAsync();
        var revision = last[^1].Change.Revision;
        var together = last.Where(seen => seen.Change.Revision == revision).ToList();
        Assert.Equal(ChangeType.Deleted, together[0].Change.Type);
        Assert.Equal(open.Select(delivery => delivery.Id).Order(), together.Skip(1).Select(seen => seen.Change.Delivery.Id).Order());
        Assert.All(together.Skip(1), seen => Assert.Equal(DeliveryStatus.Canceled, seen.Change.Delivery.Status));
        await Refusal.OfAsync(
            ErrorReason.ResourceNotFound, () => client.Deliveries.RedeliverDeliveryAsync(new() { Id = done.Id }).ResponseAsync);
        Assert.Equal(DeliveryStatus.Canceled, (await client.GetAsync(done)).Status);
    }

    [Fact]
    public async Task An_attempt_under_way_when_its_task_is_deleted_Ends_by_itself()
    {
        using var client = fixture.NewClient();
        var release = new TaskCompletionSource();
        await using var receiver = await WebhookReceiver.StartAsync(async (context, _) =>
        {
            await release.Task;
            await WebhookReceiver.Answer(context, 500);
        });
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var task = await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));
        var delivery = await client.TriggerAsync(task);
        await receiver.NextAsync();

        var refusal = await Refusal.OfAsync(
            ErrorReason.InvalidTransition, () => client.Deliveries.CancelDeliveryAsync(new() { Id = delivery.Id }).ResponseAsync);
        Assert.Equal(("DELIVERY_STATUS_DELIVERING", ""), (refusal.Details["from"], refusal.Details["allowed"]));
        await client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = task.TaskId });
        Assert.Equal(DeliveryStatus.Delivering, (await client.GetAsync(delivery)).Status);
        release.SetResult();

        // The delivery becomes CANCELED instead of RETRYING.
        var ended = await client.UntilAsync(delivery, DeliveryStatus.Canceled);
        Assert.Equal((500, null), (Assert.Single(ended.Attempts).HttpStatus, ended.NextAttemptAt));
    }

    [Fact]
    public async Task Redeliver_Restarts_every_ended_delivery_and_no_other()
    {
        using var client = fixture.NewClient();
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var task = await client.CreateMonitorTaskAsync(Nowhere);
        var retrying = await client.UntilAsync(await client.TriggerAsync(task), DeliveryStatus.Retrying);
        var refusal = await Refusal.OfAsync(
            ErrorReason.InvalidTransition, () => client.Deliveries.RedeliverDeliveryAsync(new() { Id = retrying.Id }).ResponseAsync);
        Assert.Equal("DELIVERY_STATUS_CANCELED", refusal.Details["allowed"]);
        var canceled = await client.Deliveries.CancelDeliveryAsync(new() { Id = retrying.Id });
        await Refusal.OfAsync(ErrorReason.EtagMismatch,
            () => client.Deliveries.RedeliverDeliveryAsync(new() { Id = retrying.Id, Etag = retrying.Etag }).ResponseAsync);

        var pending = await client.Deliveries.RedeliverDeliveryAsync(new() { Id = retrying.Id, Etag = canceled.Etag });
        Assert.Equal((DeliveryStatus.Pending, 1), (pending.Status, pending.Attempts.Count));
        var again = await client.UntilAsync(pending, seen => seen is { Status: DeliveryStatus.Retrying, AttemptCount: 2 });
        // The schedule starts from its first wait: five seconds, plus or minus a fifth.
        Assert.InRange(
            (again.NextAttemptAt - again.Attempts[^1].FinishedAt).ToTimeSpan(), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6));
        Assert.Equal(DeliveryStatus.Canceled, (await client.Deliveries.CancelDeliveryAsync(new() { Id = retrying.Id })).Status);

        var notified = await client.TriggerAsync(await client.CreateMonitorTaskAsync());
        await client.Deliveries.RedeliverDeliveryAsync(new() { Id = notified.Id });
        await client.UntilAsync(notified, seen => seen is { Status: DeliveryStatus.Delivered, AttemptCount: 1 });
    }

    [Fact]
    public async Task Deliveries_Are_found_by_task_target_and_status()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync(Sample.Notification("ops"));
        var one = await client.TriggerAsync(task, "a");
        await client.TriggerAsync(await client.CreateMonitorTaskAsync(Sample.Notification("dev")), "a");
        async Task<IEnumerable<string>> FindAsync(string filter) =>
            (await client.ListDeliveriesAsync(new() { Filter = filter }).ToListAsync()).Select(delivery => delivery.Id);

        Assert.Equal([one.Id], await FindAsync($"task_id = \"{task.TaskId}\" AND status = DELIVERED"));
        Assert.Equal([one.Id], await FindAsync("target.channel = ops AND target.type = NOTIFICATION AND NOT flow_execution_id:*"));
        Assert.Equal([one], (await client.Deliveries.BatchGetDeliveriesAsync(new() { Ids = { one.Id } })).Deliveries);
        var wait = await client.WaitUntilTerminalAsync(one.Id);
        Assert.Equal(one, wait.Delivery);
    }

    [Fact]
    public async Task Signing_secrets_Are_shown_once_and_two_at_a_time()
    {
        using var client = fixture.NewClient();
        var request = new CreateSigningSecretRequest { RequestId = Guid.NewGuid().ToString() };
        var first = await client.SigningSecrets.CreateSigningSecretAsync(request);
        Assert.StartsWith("whsec_", first.Secret, StringComparison.Ordinal);
        Assert.InRange(Convert.FromBase64String(first.Secret["whsec_".Length..]).Length, 24, 64);
        Assert.Equal(first, await client.SigningSecrets.CreateSigningSecretAsync(request));
        var second = await client.SigningSecrets.CreateSigningSecretAsync(new());
        await Refusal.OfAsync(ErrorReason.SigningSecretLimit, () => client.SigningSecrets.CreateSigningSecretAsync(new()).ResponseAsync);

        var listed = (await client.SigningSecrets.ListSigningSecretsAsync(new())).SigningSecrets;
        Assert.Equal([(second.Id, ""), (first.Id, "")], listed.Select(secret => (secret.Id, secret.Secret)));
        var expired = await client.SigningSecrets.ExpireSigningSecretAsync(new() { Id = first.Id });
        Assert.NotNull(expired.ExpiredAt);
        Assert.Equal(expired, await client.SigningSecrets.ExpireSigningSecretAsync(new() { Id = first.Id }));
        // No later answer shows an expired secret.
        Assert.Equal("", (await client.SigningSecrets.CreateSigningSecretAsync(request)).Secret);
        Assert.Equal([second.Id, first.Id],
            (await client.SigningSecrets.ListSigningSecretsAsync(new())).SigningSecrets.Select(secret => secret.Id));
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        await Refusal.OfFieldsAsync(() => client.SigningSecrets.ExpireSigningSecretAsync(new() { Id = "x" }).ResponseAsync, "id");
        // The log and other organizations do not contain secrets.
        Assert.Empty(await client.ListChangesAsync().ToListAsync());
        using var otherClient = fixture.NewClient();
        Assert.Empty((await otherClient.SigningSecrets.ListSigningSecretsAsync(new())).SigningSecrets);
        await Refusal.OfAsync(ErrorReason.ResourceNotFound,
            () => otherClient.SigningSecrets.ExpireSigningSecretAsync(new() { Id = second.Id }).ResponseAsync);
    }
}
