using System.Text.Json;
using CloudNative.CloudEvents.SystemTextJson;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Deliveries;

/// <summary>Alerts at a real receiver over real sockets, verified with the receiver's own code.</summary>
public abstract class WebhookTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_trigger_Arrives_signed_as_a_CloudEvent_and_its_attempt_is_seen_by_Watch()
    {
        using var client = fixture.NewClient();
        await using var receiver = await WebhookReceiver.StartAsync();
        var secret = await client.SigningSecrets.CreateSigningSecretAsync(new());
        var task = await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));
        var triggered = await client.MonitorTasks.TriggerMonitorTaskAsync(
            new()
            {
                TaskId = task.TaskId,
                TriggerKey = "k",
                EntityId = "é-7",
                Context = new() { Fields = { ["margin"] = Value.ForNumber(8.5), ["none"] = Value.ForNull() } }
            });

        var webhook = await receiver.NextAsync();
        Assert.True(webhook.IsSignedBy(secret.Secret));
        Assert.False(webhook.IsSignedBy("whsec_" + Convert.ToBase64String(new byte[32])));
        Assert.Equal((triggered.Id, "/hook"), (webhook.Headers["webhook-id"], webhook.Path));
        Assert.StartsWith("application/cloudevents+json", webhook.Headers["content-type"], StringComparison.Ordinal);
        var alert = new JsonEventFormatter()
            .DecodeStructuredModeMessage(webhook.Body, new System.Net.Mime.ContentType(webhook.Headers["content-type"]), null);
        Assert.Equal((triggered.Id, "taskgrpc.monitor_task.triggered", $"/monitor-tasks/{task.TaskId}", "é-7"),
            (alert.Id, alert.Type, alert.Source!.ToString(), alert.Subject));
        var data = (JsonElement)alert.Data!;
        Assert.Equal((8.5, JsonValueKind.Null, "margin"),
            (data.GetProperty("context").GetProperty("margin").GetDouble(), data.GetProperty("context").GetProperty("none").ValueKind,
                data.GetProperty("concept_id").GetString()));

        var delivered = await client.UntilAsync(triggered, DeliveryStatus.Delivered);
        var attempt = Assert.Single(delivered.Attempts);
        Assert.Equal(
            (AttemptOutcome.Succeeded, 204, false, 1), (attempt.Outcome, attempt.HttpStatus, attempt.HasError, delivered.AttemptCount));
        Assert.Equal((attempt.FinishedAt, null), (delivered.DeliveredAt, delivered.NextAttemptAt));
        var log = await client.ListChangesAsync(new() { Ids = { triggered.Id } }).ToListAsync();
        Assert.Equal(["DELIVERY_STATUS_PENDING", "DELIVERY_STATUS_DELIVERING", "DELIVERY_STATUS_DELIVERED"],
            log.Select(seen => seen.Change.Transition.To));
        Assert.Equal([ActorType.User, ActorType.System, ActorType.System], log.Select(seen => seen.Change.Actor.Type));
    }

    [Fact]
    public async Task While_two_secrets_are_there_Both_sign_and_an_expired_one_does_not()
    {
        using var client = fixture.NewClient();
        await using var receiver = await WebhookReceiver.StartAsync();
        var task = await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));
        async Task<ReceivedWebhook> SendAsync(string key)
        {
            await client.TriggerAsync(task, key);
            return await receiver.NextAsync();
        }

        var old = await client.SigningSecrets.CreateSigningSecretAsync(new());
        Assert.True((await SendAsync("a")).IsSignedBy(old.Secret));
        var next = await client.SigningSecrets.CreateSigningSecretAsync(new());
        var both = await SendAsync("b");
        Assert.True(both.IsSignedBy(old.Secret) && both.IsSignedBy(next.Secret));
        await client.SigningSecrets.ExpireSigningSecretAsync(new() { Id = old.Id });
        var rotated = await SendAsync("c");
        Assert.True(!rotated.IsSignedBy(old.Secret) && rotated.IsSignedBy(next.Secret));
        Assert.DoesNotContain(' ', rotated.Headers["webhook-signature"]);
    }

    [Fact]
    public async Task Without_a_secret_Nothing_is_sent()
    {
        using var client = fixture.NewClient();
        await using var receiver = await WebhookReceiver.StartAsync();
        var task = await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));
        var retrying = await client.UntilAsync(await client.TriggerAsync(task), DeliveryStatus.Retrying);
        Assert.Contains("CreateSigningSecret", Assert.Single(retrying.Attempts).Error, StringComparison.Ordinal);
        Assert.Empty(receiver.All);
    }

    [Theory]
    [InlineData(200, DeliveryStatus.Delivered)]
    [InlineData(202, DeliveryStatus.Delivered)]
    [InlineData(302, DeliveryStatus.Retrying)]
    [InlineData(400, DeliveryStatus.Retrying)]
    [InlineData(404, DeliveryStatus.Retrying)]
    [InlineData(410, DeliveryStatus.Dead)]
    [InlineData(429, DeliveryStatus.Retrying)]
    [InlineData(500, DeliveryStatus.Retrying)]
    [InlineData(503, DeliveryStatus.Retrying)]
    public async Task The_answer_Decides_the_next_status_of_a_delivery(int status, DeliveryStatus expected)
    {
        using var client = fixture.NewClient();
        await using var elsewhere = await WebhookReceiver.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync((context, _) =>
        {
            context.Response.Headers.Location = elsewhere.Address.ToString();
            return WebhookReceiver.Answer(context, status);
        });
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var task = await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));

        var ended = await client.UntilAsync(await client.TriggerAsync(task), delivery => delivery.Attempts.Count > 0);

        Assert.Equal((expected, status), (ended.Status, ended.Attempts.Single().HttpStatus));
        Assert.Equal(expected == DeliveryStatus.Retrying, ended.NextAttemptAt is not null);
        Assert.Empty(elsewhere.All);
    }

    [Fact]
    public async Task The_receivers_answer_Is_not_shown_to_the_caller()
    {
        using var client = fixture.NewClient();
        await using var receiver = await WebhookReceiver.StartAsync(async (context, _) =>
        {
            context.Response.StatusCode = 500;
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, "internal-detail");
        });
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        var task = await client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));
        var failed = await client.UntilAsync(await client.TriggerAsync(task), DeliveryStatus.Retrying);
        Assert.DoesNotContain("internal-detail", failed.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", failed.Attempts.Single().Error, StringComparison.Ordinal);
    }
}
