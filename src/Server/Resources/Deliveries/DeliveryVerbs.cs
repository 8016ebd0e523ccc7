using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>
/// Changes deliveries and their rows in the schedule of attempts in one revision. A row exists exactly while its delivery is PENDING,
/// RETRYING or DELIVERING.
/// </summary>
internal sealed class DeliveryVerbs(KindDefinition<Delivery> kind, KindDefinition<MonitorTask> tasks, KindDefinition<FlowExecution> flows,
    IOptions<DeliveryOptions> options)
{
    /// <summary>After this many in a row, the delivery itself may be what stops the server.</summary>
    private const int MostCutShort = 9;

    /// <summary>What deleting a monitor task cancels: its PENDING and RETRYING deliveries. A running attempt ends by itself.</summary>
    public CascadeOf Covered => new(
        kind,
        (unit, task, after, limit) => unit.Query<DeliveryStatements>().Waiting(unit.Caller.OrganizationId, task, after, limit),
        (unit, id, reason) => Cancel(unit, id, etag: "", reason));

    /// <summary>The delivery of an earlier trigger with this key; null if the key is new.</summary>
    public Delivery? Triggered(UnitOfWork unit, MonitorTask task, string triggerKey) =>
        unit.Query<DeliveryStatements>().Triggered(unit.Caller.OrganizationId, Guid.Parse(task.TaskId), triggerKey) is { } id
            ? unit.Find(kind, id) : null;

    /// <exception cref="Fault">INVALID_FIELD: the alert would be too large.</exception>
    public Delivery Create(UnitOfWork unit, MonitorTask task, TriggerMonitorTaskRequest trigger, Timestamp triggeredAt)
    {
        var delivery = unit.Create(kind, DeliveryRules.New(task, trigger.TriggerKey, unit.Now),
            (created, id) => created.Payload = AlertPayload.Of(id, task, trigger, triggeredAt));
        if (delivery.NextAttemptAt is not null)
        {
            Put(unit, delivery);
        }

        return delivery;
    }

    /// <summary>Claims a due delivery for an attempt, for the time of its lease; empty if no attempt is due any more.</summary>
    /// <param name="unit">The command.</param>
    /// <param name="due">The delivery.</param>
    /// <param name="waitAfter">The delay after the attempt of a number; null after the last.</param>
    /// <param name="tries">What its attempts have come to.</param>
    public Delivery Claim(UnitOfWork unit, DueResource due, Func<int, TimeSpan?> waitAfter, out DeliveryTries tries)
    {
        tries = default;
        if (unit.Find(kind, due.Id) is not { } delivery || TriesIfDue(unit, delivery, due) is not { } found)
        {
            return new Delivery();
        }

        var (task, isRunning) = (TaskOf(unit, delivery), delivery.Status == DeliveryStatus.Delivering);
        var isDeleted = tasks.IsDeleted(task);
        if (task.Status == MonitorTaskStatus.Paused)
        {
            return new Delivery();
        }

        if (isRunning && (isDeleted || found.CutShort >= MostCutShort))
        {
            // The attempt was cut short, and no other follows.
            Report(unit, delivery, DeliveryRules.CutShort, found, isDeleted ? waitAfter(found.Next) : null);
            return new Delivery();
        }

        if (isDeleted)
        {
            // A cascade is going to cancel it. Until then its row must not lead others to it.
            var held = Place(delivery, due.DueAt, held: true);
            unit.Effects.Add(writer => writer.Update(held));
            return new Delivery();
        }

        var claimed = unit.Change(kind, delivery.Id, etag: "", reason: null, (_, changed, at) => DeliveryRules.Attempt(changed, at));
        Put(unit, claimed);
        tries = isRunning ? found with { CutShort = found.CutShort + 1 } : found;
        Keep(unit, claimed, found, tries);
        return claimed;
    }

    /// <summary>Reports how an attempt ended; does nothing if another worker has claimed the delivery since.</summary>
    /// <param name="unit">The command.</param>
    /// <param name="claimed">The delivery as it was claimed.</param>
    /// <param name="result">How the attempt ended.</param>
    /// <param name="tries">What its attempts had come to at the claim.</param>
    /// <param name="wait">How long until the next attempt; null if this was the last.</param>
    public Delivery Report(UnitOfWork unit, Delivery claimed, AttemptResult result, DeliveryTries tries, TimeSpan? wait)
    {
        if (unit.Find(kind, Guid.Parse(claimed.Id)) is not { Status: DeliveryStatus.Delivering } present
            || present.AttemptCount != claimed.AttemptCount)
        {
            return new Delivery();
        }

        // Count from the clock's present time: the delivery's own times never go backwards, but the clock may have been set back.
        var next = wait is { } time ? Moment.ToTimestamp(unit.Now.ToDateTimeOffset() + time) : null;
        var isDeleted = tasks.IsDeleted(TaskOf(unit, present));
        var flow = result.Outcome == AttemptOutcome.Succeeded && present.Target.Type == DeliveryType.Workflow ? Flow(unit, present) : null;
        var reported = unit.Change(kind, present.Id, etag: "", reason: null, (_, changed, at) =>
        {
            DeliveryRules.Report(changed, result, next, isDeleted, at);
            if (flow is not null)
            {
                changed.FlowExecutionId = flow.Id;
            }
        });
        if (reported.NextAttemptAt is not null)
        {
            Put(unit, reported);
            Keep(unit, reported, tries, new DeliveryTries(tries.Next, CutShort: 0));
        }
        else
        {
            Remove(unit, reported, tries);
        }

        return reported;
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, also for a deleted monitor task; ETAG_MISMATCH, INVALID_TRANSITION,
    /// MONITOR_TASK_PAUSED.</exception>
    public Delivery Redeliver(UnitOfWork unit, RedeliverDeliveryRequest request)
    {
        var task = unit.Require(tasks, unit.Require(kind, request.Id).TaskId);
        var pending = unit.Change(kind, request.Id, request.Etag, reason: null, (_, delivery, _) =>
        {
            DeliveryRules.Redeliver(delivery, unit.Now);
            if (task.Status == MonitorTaskStatus.Paused)
            {
                throw MonitorTaskPaused.Of(task.TaskId);
            }
        });
        Put(unit, pending);
        return pending;
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION.</exception>
    public Delivery Cancel(UnitOfWork unit, string id, string etag, string? reason)
    {
        var wasRetrying = false;
        var canceled = unit.Change(kind, id, etag, reason, (_, delivery, _) =>
        {
            wasRetrying = delivery.Status == DeliveryStatus.Retrying;
            DeliveryRules.Cancel(delivery);
        });
        // A PENDING delivery has had no attempt yet.
        Remove(unit, canceled, new DeliveryTries(wasRetrying ? 1 : 0, CutShort: 0));
        return canceled;
    }

    /// <summary>Holds or releases the open deliveries of a monitor task.</summary>
    public static void Hold(UnitOfWork unit, MonitorTask task, bool held) =>
        unit.Effects.Add(writer => writer.Query<DeliveryStatements>().Hold(unit.Caller.OrganizationId, Guid.Parse(task.TaskId), held));

    /// <summary>Releases attempts that were cut short while a monitor task was paused, so that they can end.</summary>
    public static void ReleaseRunning(UnitOfWork unit, MonitorTask task) =>
        unit.Effects.Add(writer => writer.Query<DeliveryStatements>().ReleaseRunning(unit.Caller.OrganizationId, Guid.Parse(task.TaskId)));

    /// <summary>What a delivery's attempts have come to; null if its row in the schedule has changed since it was read.</summary>
    private static DeliveryTries? TriesIfDue(UnitOfWork unit, Delivery delivery, DueResource due) => delivery.Status switch
    {
        DeliveryStatus.Pending when delivery.NextAttemptAt.ToDateTimeOffset() == due.DueAt => default(DeliveryTries),
        DeliveryStatus.Retrying or DeliveryStatus.Delivering => unit.Query<DeliveryStatements>().TriesIfDue(due),
        _ => null,
    };

    private MonitorTask TaskOf(UnitOfWork unit, Delivery delivery) => unit.Find(tasks, Guid.Parse(delivery.TaskId))!;

    private FlowExecution Flow(UnitOfWork unit, Delivery delivery) => unit.Create(flows, new FlowExecution
    {
        WorkflowId = delivery.Target.WorkflowId,
        Status = FlowExecutionStatus.Queued,
        Input = Value.ForStruct(delivery.Payload),
    });

    /// <summary>Writes an open delivery's row in the schedule: due at its next attempt or, while one runs, when its lease ends.</summary>
    private void Put(UnitOfWork unit, Delivery delivery)
    {
        var dueAt = delivery.NextAttemptAt?.ToDateTimeOffset() ?? unit.Now.ToDateTimeOffset() + options.Value.Lease;
        var row = Place(delivery, dueAt, TaskOf(unit, delivery).Status == MonitorTaskStatus.Paused);
        // Only a PENDING delivery has no row yet.
        unit.Effects.Add(delivery.Status == DeliveryStatus.Pending ? writer => writer.Insert(row) : writer => writer.Update(row));
    }

    /// <summary>Removes the rows of a delivery that has ended.</summary>
    private static void Remove(UnitOfWork unit, Delivery delivery, DeliveryTries tries)
    {
        var row = Place(delivery, default, held: false);
        unit.Effects.Add(writer => writer.Delete(row));
        Keep(unit, delivery, tries, default);
    }

    /// <summary>Keeps what a delivery's attempts have come to. Most deliveries succeed at once and never have a row of it.</summary>
    private static void Keep(UnitOfWork unit, Delivery delivery, DeliveryTries from, DeliveryTries to)
    {
        if (from == to)
        {
            return;
        }

        var row = new DeliveryTriesRow
        {
            OrganizationId = delivery.OrganizationId,
            DeliveryId = Guid.Parse(delivery.Id),
            Tries = to.Ended,
            CutShort = to.CutShort,
        };
        unit.Effects.Add((from.IsKept, to.IsKept) switch
        {
            (true, true) => writer => writer.Update(row),
            (true, false) => writer => writer.Delete(row),
            _ => writer => writer.Insert(row),
        });
    }

    private static ScheduleRow Place(Delivery delivery, DateTimeOffset dueAt, bool held) => new()
    {
        OrganizationId = delivery.OrganizationId,
        Purpose = (int)SchedulePurpose.Delivery,
        GroupName = DeliveryPlace.Of(delivery.Target),
        DueAt = dueAt,
        ResourceId = Guid.Parse(delivery.Id),
        Held = held,
    };
}
