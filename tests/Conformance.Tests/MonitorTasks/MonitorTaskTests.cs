using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.MonitorTasks;

public abstract class MonitorTaskTests(ServerFixture fixture)
{
    [Fact]
    public async Task Create_Starts_ACTIVE_and_ignores_what_only_the_server_sets()
    {
        using var client = fixture.NewClient();
        var sample = Sample.MonitorTask();
        (sample.TaskId, sample.Etag, sample.Status, sample.LastTriggeredAt) =
            ("mine", "x", MonitorTaskStatus.Active, new Timestamp { Seconds = 1 });

        var task = await client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = sample });

        Assert.Equal(7, Guid.ParseExact(task.TaskId, "D").Version);
        Assert.Equal((MonitorTaskStatus.Active, null), (task.Status, task.LastTriggeredAt));
        Assert.NotEmpty(task.Etag);
        Assert.Equal(task, await client.MonitorTasks.GetMonitorTaskAsync(new() { TaskId = task.TaskId }));
        Assert.Equal([task], (await client.MonitorTasks.BatchGetMonitorTasksAsync(new() { Ids = { task.TaskId } })).MonitorTasks);
        Assert.Equal([task], await client.ListMonitorTasksAsync().ToListAsync());
    }

    [Fact]
    public async Task ValidateOnly_Answers_a_PREVIEW_that_is_nowhere_stored()
    {
        using var client = fixture.NewClient();
        var preview = await client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = Sample.MonitorTask(), ValidateOnly = true });

        Assert.Equal((MonitorTaskStatus.Preview, "", "", null), (preview.Status, preview.TaskId, preview.Etag, preview.CreatedAt));
        var page = await client.MonitorTasks.ListMonitorTasksAsync(new() { ShowDeleted = true });
        Assert.Equal((0, 0), (page.MonitorTasks.Count, page.Revision));

        // A caller that sends the preview back to store it gets advice.
        await Refusal.OfFieldsAsync(
            () => client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = preview }).ResponseAsync, "monitor_task.status");
        await Refusal.OfFieldsAsync(() =>
            client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = preview, ValidateOnly = true }).ResponseAsync,
            "monitor_task.status");
    }

    [Fact]
    public async Task Create_Reports_all_violations_at_once()
    {
        using var client = fixture.NewClient();
        var bad = new MonitorTask
        {
            Intent = " ",
            ConceptId = new string('x', 257),
            Status = MonitorTaskStatus.Preview,
            Delivery = new() { Type = DeliveryType.Webhook }
        };
        await Refusal.OfFieldsAsync(
            () => client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = bad }).ResponseAsync,
            "monitor_task.intent", "monitor_task.concept_id", "monitor_task.concept_version", "monitor_task.condition_id",
                "monitor_task.condition_version", "monitor_task.action_id",
            "monitor_task.action_version", "monitor_task.entity_scope", "monitor_task.status", "monitor_task.delivery.endpoint");
    }

    [Theory]
    [InlineData(DeliveryType.Webhook, null, null, null, "endpoint")]
    [InlineData(DeliveryType.Webhook, "hooks.example.com/x", "c", "w", "endpoint")]
    [InlineData(DeliveryType.Webhook, "ftp://hooks.example.com/x", null, null, "endpoint")]
    [InlineData(DeliveryType.Webhook, " https://hooks.example.com/x", null, null, "endpoint")]
    [InlineData(DeliveryType.Webhook, "https://@hooks.example.com/x", null, null, "endpoint")]
    [InlineData(DeliveryType.Webhook, "https://me:secret@hooks.example.com/x", null, null, "endpoint")]
    [InlineData(DeliveryType.Webhook, "https://hooks.example.com/x", null, null, null)]
    [InlineData(DeliveryType.Notification, "https://hooks.example.com/x", null, "w", "channel")]
    [InlineData(DeliveryType.Notification, null, "ops", null, null)]
    [InlineData(DeliveryType.Email, null, null, null, "channel")]
    [InlineData(DeliveryType.Email, null, "ops", null, "channel")]
    [InlineData(DeliveryType.Email, null, "Ops <ops@example.com>", null, "channel")]
    [InlineData(DeliveryType.Email, null, "ops@example.com, dev@example.com", null, "channel")]
    [InlineData(DeliveryType.Email, null, "ops@example.com", null, null)]
    [InlineData(DeliveryType.Workflow, "https://hooks.example.com/x", "c", " ", "workflow_id")]
    [InlineData(DeliveryType.Workflow, "not a url", "", "restock", null)]
    [InlineData((DeliveryType)42, null, null, null, "type")]
    [InlineData(DeliveryType.Unspecified, null, null, null, "type")]
    public async Task Each_type_of_delivery_Needs_its_own_field_and_keeps_the_others(
        DeliveryType type, string? endpoint, string? channel, string? workflow, string? violation)
    {
        using var client = fixture.NewClient();
        var target = new DeliveryTarget { Type = type };
        (target.Endpoint, target.Channel, target.WorkflowId) = (endpoint ?? "", channel ?? "", workflow ?? "");
        if (endpoint is null)
        {
            target.ClearEndpoint();
        }

        if (channel is null)
        {
            target.ClearChannel();
        }

        if (workflow is null)
        {
            target.ClearWorkflowId();
        }

        if (violation is not null)
        {
            await Refusal.OfFieldsAsync(() => client.CreateMonitorTaskAsync(target), $"monitor_task.delivery.{violation}");
            var task = await client.CreateMonitorTaskAsync();
            await Refusal.OfFieldsAsync(() =>
                client.MonitorTasks.UpdateMonitorTaskAsync(
                    new() { MonitorTask = new() { TaskId = task.TaskId, Delivery = target } }).ResponseAsync,
                        $"monitor_task.delivery.{violation}");
            return;
        }

        Assert.Equal(target, (await client.CreateMonitorTaskAsync(target)).Delivery);
    }

    [Fact]
    public async Task Update_Repins_versions_and_leaves_the_rest_alone()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();

        var pinned = await client.MonitorTasks.UpdateMonitorTaskAsync(
            new()
            {
                MonitorTask = new()
                {
                    TaskId = task.TaskId,
                    Etag = task.Etag,
                    ConceptVersion = "2",
                    ContextWarning = "The feed is late."
                }
            });
        Assert.Equal(("2", "3", "The feed is late."), (pinned.ConceptVersion, pinned.ConditionVersion, pinned.ContextWarning));
        Assert.NotEqual(task.Etag, pinned.Etag);

        var cleared = await client.MonitorTasks.UpdateMonitorTaskAsync(
            new() { MonitorTask = new() { TaskId = task.TaskId }, UpdateMask = new() { Paths = { "context_warning" } } });
        Assert.False(cleared.HasContextWarning);
        await Refusal.OfAsync(ErrorReason.EtagMismatch,
            () => client.MonitorTasks.UpdateMonitorTaskAsync(
                new() { MonitorTask = new() { TaskId = task.TaskId, Etag = task.Etag, ConceptVersion = "9" } }).ResponseAsync);
        await Refusal.OfFieldsAsync(() =>
            client.MonitorTasks.UpdateMonitorTaskAsync(
                new()
                {
                    MonitorTask = new() { TaskId = task.TaskId },
                    UpdateMask = new() { Paths = { "concept_version", "delivery" } }
                }).ResponseAsync, "monitor_task.concept_version",
                        "monitor_task.delivery");
        if (!fixture.IsJson)
        {
            await Refusal.OfFieldsAsync(
                () => client.MonitorTasks.UpdateMonitorTaskAsync(new() { MonitorTask = new() }).ResponseAsync, "monitor_task.task_id");
        }
    }

    [Theory]
    [InlineData("intent")]
    [InlineData("concept_id")]
    [InlineData("condition_id")]
    [InlineData("action_id")]
    [InlineData("entity_scope")]
    [InlineData("task_id")]
    [InlineData("created_at")]
    [InlineData("last_triggered_at")]
    [InlineData("status")]
    public async Task Immutable_fields_Cannot_be_updated(string field)
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        var refusal = await Refusal.OfAsync(ErrorReason.ImmutableField,
            () => client.MonitorTasks.UpdateMonitorTaskAsync(
                new() { MonitorTask = new() { TaskId = task.TaskId }, UpdateMask = new() { Paths = { field } } }).ResponseAsync);
        Assert.Equal(field, Assert.Single(refusal.FieldViolations).Field);
        if (field == "status")
        {
            Assert.Contains("PauseMonitorTask", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pause_and_Resume_Alternate_and_Delete_is_final()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        var paused = await client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = task.TaskId, Etag = task.Etag, Reason = "holiday" });
        Assert.Equal(MonitorTaskStatus.Paused, paused.Status);
        var again = await Refusal.OfAsync(
            ErrorReason.InvalidTransition, () => client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = task.TaskId }).ResponseAsync);
        Assert.Equal(
            ("MONITOR_TASK_STATUS_PAUSED", "MONITOR_TASK_STATUS_PAUSED", "MONITOR_TASK_STATUS_ACTIVE,MONITOR_TASK_STATUS_DELETED"),
            (again.Details["from"], again.Details["to"], again.Details["allowed"]));
        await Refusal.OfAsync(ErrorReason.EtagMismatch,
            () => client.MonitorTasks.ResumeMonitorTaskAsync(new() { TaskId = task.TaskId, Etag = task.Etag }).ResponseAsync);
        var active = await client.MonitorTasks.ResumeMonitorTaskAsync(new() { TaskId = task.TaskId });
        Assert.Equal(MonitorTaskStatus.Active, active.Status);
        await Refusal.OfAsync(
            ErrorReason.InvalidTransition, () => client.MonitorTasks.ResumeMonitorTaskAsync(new() { TaskId = task.TaskId }).ResponseAsync);

        var deleted = await client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = task.TaskId });
        Assert.Equal(MonitorTaskStatus.Deleted, deleted.Status);
        Assert.Equal(deleted, await client.MonitorTasks.GetMonitorTaskAsync(new() { TaskId = task.TaskId }));
        Assert.Empty(await client.ListMonitorTasksAsync().ToListAsync());
        Assert.Equal(
            [deleted], await client.ListMonitorTasksAsync(new() { ShowDeleted = true, Filter = "status = DELETED" }).ToListAsync());
        foreach (var call in new Func<Task>[]
        {
            () => client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = task.TaskId }).ResponseAsync,
            () => client.MonitorTasks.ResumeMonitorTaskAsync(new() { TaskId = task.TaskId }).ResponseAsync,
            () => client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = task.TaskId }).ResponseAsync,
            () => client.MonitorTasks.UpdateMonitorTaskAsync(
                new() { MonitorTask = new() { TaskId = task.TaskId, ConceptVersion = "9" } }).ResponseAsync,
            () => client.TriggerAsync(task),
        })
        {
            await Refusal.OfAsync(ErrorReason.ResourceNotFound, call);
        }

        var log = await client.ListChangesAsync(new() { Ids = { task.TaskId } }).ToListAsync();
        Assert.Equal([ChangeType.Created, ChangeType.Transitioned, ChangeType.Transitioned, ChangeType.Deleted],
            log.Select(seen => seen.Change.Type));
        Assert.Equal("holiday", log[1].Change.Reason);
        Assert.Equal("MONITOR_TASK_STATUS_DELETED", log[^1].Change.Transition.To);
    }

    [Fact]
    public async Task Trigger_Sets_the_moment_and_makes_the_delivery_in_one_revision()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        var context = new Struct { Fields = { ["margin"] = Value.ForNumber(8.5) } };
        var delivery = await client.MonitorTasks.TriggerMonitorTaskAsync(
            new() { TaskId = task.TaskId, TriggerKey = "2030-W7", EntityId = "store-7", Context = context });

        var triggered = await client.MonitorTasks.GetMonitorTaskAsync(new() { TaskId = task.TaskId });
        Assert.Equal(delivery.CreatedAt, triggered.LastTriggeredAt);
        var log = await client.ListChangesAsync(new() { AfterRevision = 1 }).ToListAsync();
        Assert.Equal([(2L, triggered.TaskId, ""), (2L, "", delivery.Id)],
            log.Select(seen => (seen.Change.Revision, seen.Change.MonitorTask?.TaskId ?? "", seen.Change.Delivery?.Id ?? "")));
        Assert.Equal((task.TaskId, "2030-W7", task.Delivery), (delivery.TaskId, delivery.TriggerKey, delivery.Target));

        var payload = delivery.Payload.Fields;
        Assert.Equal(
            ("1.0", delivery.Id, $"/monitor-tasks/{task.TaskId}", "taskgrpc.monitor_task.triggered", "store-7"),
            (payload["specversion"].StringValue, payload["id"].StringValue, payload["source"].StringValue, payload["type"].StringValue,
                payload["subject"].StringValue));
        Assert.Equal(triggered.LastTriggeredAt.ToDateTimeOffset(),
            DateTimeOffset.Parse(payload["time"].StringValue, System.Globalization.CultureInfo.InvariantCulture));
        var data = payload["data"].StructValue.Fields;
        Assert.Equal(
            ["action_id", "action_version", "concept_id", "concept_version", "condition_id", "condition_version", "context", "entity_id",
                "entity_scope", "intent", "task_id", "trigger_key"],
            data.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((context, "store-7", "3"),
            (data["context"].StructValue, data["entity_id"].StringValue, data["condition_version"].StringValue));
    }

    [Fact]
    public async Task A_trigger_key_Makes_one_delivery_even_if_other_fields_differ()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        var other = await client.CreateMonitorTaskAsync();
        var first = await client.TriggerAsync(task, "k");

        Assert.Equal(first,
            await client.MonitorTasks.TriggerMonitorTaskAsync(new() { TaskId = task.TaskId, TriggerKey = "k", EntityId = "another" }));
        Assert.NotEqual(first.Id, (await client.TriggerAsync(other, "k")).Id);
        Assert.NotEqual(first.Id, (await client.TriggerAsync(task, "K")).Id);

        // The server looks the key up before the status: a repeat is safe at any time.
        await client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = task.TaskId });
        Assert.Equal(first, await client.TriggerAsync(task, "k"));
        await Refusal.OfAsync(ErrorReason.MonitorTaskPaused, () => client.TriggerAsync(task, "new"));
        await client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = task.TaskId });
        Assert.Equal(first, await client.TriggerAsync(task, "k"));
        await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => client.TriggerAsync(task, "new"));
    }

    [Fact]
    public async Task Concurrent_triggers_with_one_key_Make_one_delivery()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        var deliveries = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => client.TriggerAsync(task, "k")));
        Assert.Single(deliveries.Select(delivery => delivery.Id).Distinct());
        Assert.Single(await client.ListDeliveriesAsync().ToListAsync());
    }

    [Fact]
    public async Task A_moment_in_the_future_Counts_as_now_and_an_earlier_one_never_takes_back()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        var past = new Timestamp { Seconds = 1_700_000_000, Nanos = 123_456_789 };
        async Task<Timestamp> TriggerAsync(string key, Timestamp? at)
        {
            await client.MonitorTasks.TriggerMonitorTaskAsync(new() { TaskId = task.TaskId, TriggerKey = key, TriggeredAt = at });
            return (await client.MonitorTasks.GetMonitorTaskAsync(new() { TaskId = task.TaskId })).LastTriggeredAt;
        }

        Assert.Equal(new Timestamp { Seconds = 1_700_000_000, Nanos = 123_456_000 }, await TriggerAsync("a", past));
        var now = await TriggerAsync("b", new Timestamp { Seconds = 253_000_000_000 });
        Assert.InRange(now.Seconds, 1_700_000_001, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        Assert.Equal(now, await TriggerAsync("c", past));
    }

    [Fact]
    public async Task A_context_that_would_not_fit_into_the_alert_Is_refused_and_nothing_is_made()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        Struct Text(int length) => new() { Fields = { ["text"] = Value.ForString(new string('x', length)) } };
        Struct Deep(int levels) => levels == 1 ? new() : new() { Fields = { ["a"] = Value.ForStruct(Deep(levels - 1)) } };
        Func<Task> Trigger(string key, Struct context) =>
            () => client.MonitorTasks.TriggerMonitorTaskAsync(
                new() { TaskId = task.TaskId, TriggerKey = key, Context = context }).ResponseAsync;

        await Refusal.OfFieldsAsync(Trigger("a", Text(70_000)), "context");
        await Refusal.OfFieldsAsync(Trigger("a", Text(65_000)), "context");
        await Refusal.OfFieldsAsync(Trigger("a", Deep(26)), "context");
        await Refusal.OfFieldsAsync(Trigger(" ", new()), "trigger_key");
        foreach (var subject in new[] { "a\nb", "\u007f", "\u0085", "\ufdd0", "\uffff", "\U0001fffe" })
        {
            await Refusal.OfFieldsAsync(() =>
                client.MonitorTasks.TriggerMonitorTaskAsync(
                    new() { TaskId = task.TaskId, TriggerKey = "a", EntityId = subject }).ResponseAsync, "entity_id");
        }

        Assert.Empty(await client.ListDeliveriesAsync().ToListAsync());
        await Trigger("a", Text(60_000))();
        await Trigger("b", Deep(24))();
        // What went in is readable again at its deepest level, on a watch too.
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 });
        await watch.UntilAsync(3);
    }

    [Fact]
    public async Task Filters_Find_monitor_tasks_by_their_target()
    {
        using var client = fixture.NewClient();
        var ops = await client.CreateMonitorTaskAsync(Sample.Notification("ops"));
        var hook = await client.CreateMonitorTaskAsync(Sample.Webhook(new Uri("https://hooks.example.com/x")));
        async Task<IEnumerable<string>> FindAsync(string filter) =>
            (await client.ListMonitorTasksAsync(new() { Filter = filter }).ToListAsync()).Select(task => task.TaskId);

        Assert.Equal([ops.TaskId], await FindAsync("delivery.channel = \"op*\""));
        Assert.Equal([hook.TaskId], await FindAsync("delivery.type = WEBHOOK AND NOT delivery.channel:*"));
        Assert.Equal([hook.TaskId], await FindAsync($"task_id = \"{hook.TaskId}\""));
        Assert.Equal([hook.TaskId, ops.TaskId], await FindAsync("concept_id = margin AND last_triggered_at != \"2030-01-01T00:00:00Z\""));
        await Refusal.OfAsync(ErrorReason.InvalidFilter, () => FindAsync("delivery.channel.x = \"y\""));
        await Refusal.OfAsync(ErrorReason.InvalidFilter, () => FindAsync("delivery.nothing = \"y\""));
        await Refusal.OfAsync(ErrorReason.InvalidFilter, () => FindAsync("updated_at:*"));
    }

    [Fact]
    public async Task A_snapshot_and_a_wait_Know_monitor_tasks_too()
    {
        using var client = fixture.NewClient();
        var task = await client.CreateMonitorTaskAsync();
        using var watch = await WatchProbe.OpenAsync(
            client, new WatchRequest { Kinds = { ResourceKind.MonitorTask }, Snapshot = true, Filter = "status = ACTIVE" });
        await watch.UntilCountAsync(1);
        Assert.Equal((ChangeType.Snapshot, task, task.CreatedAt),
            (watch.Events.Single().Change.Type, watch.Events.Single().Change.MonitorTask, watch.Events.Single().Change.ChangedAt));

        await client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = task.TaskId });
        await watch.UntilCountAsync(2);
        Assert.Equal(FilterMatch.Left, watch.Events.Last().Match);

        var wait = client.WaitUntilTerminalAsync(task.TaskId);
        await client.MonitorTasks.DeleteMonitorTaskAsync(new() { TaskId = task.TaskId });
        Assert.Equal(ChangeType.Deleted, (await wait.WaitAsync(TimeSpan.FromSeconds(20))).Type);
    }
}
