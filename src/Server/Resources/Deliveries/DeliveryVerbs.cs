using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
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
            Put(unit, delivery, tries: 0);
        }

        return delivery;
    }

    /// <summary>Claims a due delivery for an attempt, for the time of its lease; empty if no attempt is due any more.</summary>
    /// <param name="unit">The command.</param>
    /// <param name="due">The delivery.</param>
    /// <param name="wait">The delay until the attempt after one that was cut short; null if that was the last.</param>
    public Delivery Claim(UnitOfWork unit, DueDelivery due, TimeSpan? wait)
    {
        if (unit.Find(kind, due.DeliveryId) is not { } delivery || !IsStillDue(unit, delivery, due))
        {
            return new Delivery();
        }

        var task = TaskOf(unit, delivery);
        if (task.Status == MonitorTaskStatus.Paused)
        {
            return new Delivery();
        }

        if (delivery.Status == DeliveryStatus.Delivering && (tasks.IsDeleted(task) || due.CutShort >= MostCutShort))
        {
            // The attempt was cut short, and no other follows.
            Report(unit, delivery, DeliveryRules.CutShort, due.Tries, tasks.IsDeleted(task) ? wait : null);
            return new Delivery();
        }

        var claimed = unit.Change(kind, delivery.Id, etag: "", reason: null, (_, changed, at) => DeliveryRules.Attempt(changed, at));
        Put(unit, claimed, due.NextTry, due.IsClaimed ? due.CutShort + 1 : 0);
        return claimed;
    }

    /// <summary>Reports how an attempt ended; does nothing if another worker has claimed the delivery since.</summary>
    /// <param name="unit">The command.</param>
    /// <param name="claimed">The delivery as it was claimed.</param>
    /// <param name="result">How the attempt ended.</param>
    /// <param name="tries">The number of scheduled attempts so far, this one included.</param>
    /// <param name="wait">How long until the next attempt; null if this was the last.</param>
    public Delivery Report(UnitOfWork unit, Delivery claimed, AttemptResult result, int tries, TimeSpan? wait)
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
            Put(unit, reported, tries);
        }
        else
        {
            Remove(unit, reported);
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
        Put(unit, pending, tries: 0);
        return pending;
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION.</exception>
    public Delivery Cancel(UnitOfWork unit, string id, string etag, string? reason)
    {
        var canceled = unit.Change(kind, id, etag, reason, (_, delivery, _) => DeliveryRules.Cancel(delivery));
        Remove(unit, canceled);
        return canceled;
    }

    /// <summary>Cancels the PENDING and RETRYING deliveries of a monitor task; a running attempt ends by itself.</summary>
    public void CancelAll(UnitOfWork unit, MonitorTask task)
    {
        foreach (var id in unit.Query<DeliveryStatements>().OfTask(unit.Caller.OrganizationId, Guid.Parse(task.TaskId)))
        {
            if (unit.Find(kind, id) is { Status: not DeliveryStatus.Delivering })
            {
                Cancel(unit, id.ToString(), etag: "", "The monitor task was deleted.");
            }
        }
    }

    /// <summary>Holds or releases the open deliveries of a monitor task.</summary>
    public static void Hold(UnitOfWork unit, MonitorTask task, bool held) =>
        unit.Effects.Add(writer => writer.Query<DeliveryStatements>().Hold(unit.Caller.OrganizationId, Guid.Parse(task.TaskId), held));

    private bool IsStillDue(UnitOfWork unit, Delivery delivery, DueDelivery due) => delivery.Status switch
    {
        // A different time means that the schedule's row has changed since it was read.
        DeliveryStatus.Pending or DeliveryStatus.Retrying => delivery.NextAttemptAt.ToDateTimeOffset() == due.DueAt,
        DeliveryStatus.Delivering => unit.Query<DeliveryStatements>().DueAt(due.OrganizationId, due.TaskId, due.DeliveryId) == due.DueAt,
        _ => false,
    };

    private MonitorTask TaskOf(UnitOfWork unit, Delivery delivery) => unit.Find(tasks, Guid.Parse(delivery.TaskId))!;

    private FlowExecution Flow(UnitOfWork unit, Delivery delivery) => unit.Create(flows, new FlowExecution
    {
        WorkflowId = delivery.Target.WorkflowId,
        Status = FlowExecutionStatus.Queued,
        Input = Value.ForStruct(delivery.Payload),
    });

    /// <summary>Writes an open delivery's row in the schedule: due at its next attempt or, while one runs, when its lease ends.</summary>
    private void Put(UnitOfWork unit, Delivery delivery, int tries, int cutShort = 0)
    {
        var dueAt = delivery.NextAttemptAt?.ToDateTimeOffset() ?? unit.Now.ToDateTimeOffset() + options.Value.Lease;
        var row = Place(delivery, dueAt, TaskOf(unit, delivery).Status == MonitorTaskStatus.Paused, tries, cutShort);
        // Only a PENDING delivery has no row yet.
        unit.Effects.Add(delivery.Status == DeliveryStatus.Pending ? writer => writer.Insert(row) : writer => writer.Update(row));
    }

    private static void Remove(UnitOfWork unit, Delivery delivery)
    {
        var row = Place(delivery, default, held: false, tries: 0, cutShort: 0);
        unit.Effects.Add(writer => writer.Delete(row));
    }

    private static DueDeliveryRow Place(Delivery delivery, DateTimeOffset dueAt, bool held, int tries, int cutShort) => new()
    {
        OrganizationId = delivery.OrganizationId,
        TaskId = Guid.Parse(delivery.TaskId),
        DeliveryId = Guid.Parse(delivery.Id),
        Endpoint = DeliveryPlace.Of(delivery.Target),
        DueAt = dueAt,
        Held = held,
        Claimed = delivery.Status == DeliveryStatus.Delivering,
        CutShort = cutShort,
        Tries = tries,
    };
}
