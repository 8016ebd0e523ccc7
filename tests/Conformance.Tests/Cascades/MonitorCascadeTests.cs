using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Cascades;

/// <summary>Deleting a monitor task cancels any number of waiting deliveries, at most 1,000 in a revision.</summary>
public abstract class MonitorCascadeTests(ServerFixture fixture)
{
    private const int Alerts = 2100;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delete_Cancels_what_waits_by_the_thousand_and_nothing_is_sent_meanwhile(bool isPaused)
    {
        using var client = fixture.NewClient();
        var release = new TaskCompletionSource();
        var answered = 0;
        await using var receiver = await WebhookReceiver.StartAsync(async (context, _) =>
        {
            // The first alert is to be RETRYING, and the next is under way when its task is deleted.
            if (Interlocked.Increment(ref answered) > 1)
            {
                await release.Task;
            }

            await WebhookReceiver.Answer(context, answered > 1 ? 204 : 503);
        });
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var task = await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));
        using var watch =
            await WatchProbe.OpenAsync(client, new WatchRequest { Kinds = { ResourceKind.Delivery, ResourceKind.MonitorTask } });
        var retrying = await client.UntilAsync(await client.TriggerAsync(task, "first"), DeliveryStatus.Retrying);
        foreach (var keys in Enumerable.Range(1, Alerts - 1).Chunk(100))
        {
            await Task.WhenAll(keys.Select(key => client.TriggerAsync(task, $"{key}")));
        }

        if (isPaused)
        {
            await client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = task.TaskId });
        }

        using var robot = fixture.Server.Client(task.OrganizationId, "sweeper", "service");
        await robot.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = task.TaskId });
        release.SetResult();
        await UntilEndedAsync(watch);

        var log = watch.Events.Select(item => item.Change).ToList();
        var deletion = log.Single(change => change.MonitorTask?.Status == MonitorTaskStatus.Deleted).Revision;
        var own = log.Where(change => change.Actor.Id == "sweeper" && change.Delivery is not null).ToList();
        Assert.All(own,
            change => Assert.Equal((DeliveryStatus.Canceled, "The monitor task was deleted."), (change.Delivery.Status, change.Reason)));
        Assert.Contains(retrying.Id, own.Select(change => change.Delivery.Id));
        Assert.Equal(own.Count, own.Select(change => change.Delivery.Id).Distinct().Count());
        var revisions = own.GroupBy(change => change.Revision).ToList();
        Assert.Equal([1000, 1000, own.Count - 2000], revisions.Select(revision => revision.Count()));
        Assert.Equal(deletion, revisions[0].Key);
        // Attempts that ran then have ended; no other began.
        Assert.DoesNotContain(log, change => change.Revision > deletion && change.Delivery?.Status == DeliveryStatus.Delivering);
        Assert.Equal(log.Count(change => change.Delivery?.Status == DeliveryStatus.Delivering), receiver.All.Count);
        await Refusal.OfAsync(
            ErrorReason.ResourceNotFound, () => client.Deliveries.RedeliverDeliveryAsync(new() { Id = retrying.Id }).ResponseAsync);
    }

    /// <summary>Reads until the task is deleted and every delivery has ended.</summary>
    private static async Task UntilEndedAsync(WatchProbe watch)
    {
        var open = new HashSet<string>();
        var read = 0;
        while (true)
        {
            foreach (var change in watch.Messages.Skip(read).SelectMany(message => message.Events).Select(item => item.Change)
                .Where(change => change.Delivery is not null))
            {
                _ = change.Delivery.Status is DeliveryStatus.Pending or DeliveryStatus.Delivering or DeliveryStatus.Retrying
                    ? open.Add(change.Delivery.Id)
                    : open.Remove(change.Delivery.Id);
            }

            read = watch.Messages.Count;
            if (open.Count == 0 && watch.Events.Any(item => item.Change.MonitorTask?.Status == MonitorTaskStatus.Deleted))
            {
                return;
            }

            await watch.NextAsync();
        }
    }
}
