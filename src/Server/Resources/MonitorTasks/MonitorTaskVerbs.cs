using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.MonitorTasks;

/// <summary>The verbs of monitor tasks that concern deliveries too, in one revision with what becomes of those.</summary>
internal sealed class MonitorTaskVerbs(KindDefinition<MonitorTask> kind, DeliveryVerbs deliveries)
{
    /// <exception cref="Fault">RESOURCE_NOT_FOUND, MONITOR_TASK_PAUSED, INVALID_FIELD.</exception>
    public Delivery Trigger(UnitOfWork unit, TriggerMonitorTaskRequest request)
    {
        // 1. A key that was used answers with its delivery, whatever has become of the task: a repeat is safe at any time.
        if (unit.Find(kind, Guid.Parse(request.TaskId)) is { } known && deliveries.Triggered(unit, known, request.TriggerKey) is { } earlier)
        {
            return earlier;
        }

        // 2. A new key is checked, and only a task that is ACTIVE is triggered anew.
        var violations = new Violations();
        MonitorTaskRules.CheckNewKey(request, violations);
        violations.ThrowIfAny();
        var task = unit.Require(kind, request.TaskId);
        if (task.Status == MonitorTaskStatus.Paused)
        {
            throw MonitorTaskPaused.Of(task.TaskId);
        }

        // 3. One revision: the moment, and the delivery.
        var triggeredAt = request.TriggeredAt is { } told && told < unit.Now ? Moment.Cut(told) : unit.Now;
        unit.Change(kind, request.TaskId, etag: "", reason: null, (_, changed, _) => changed.LastTriggeredAt = Moment.Later(triggeredAt, changed.LastTriggeredAt));
        return deliveries.Create(unit, task, request, triggeredAt);
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION.</exception>
    public MonitorTask Pause(UnitOfWork unit, PauseMonitorTaskRequest request)
    {
        var paused = unit.Change(kind, request.TaskId, request.Etag, request.Reason, (_, task, _) => MonitorTaskLifecycle.Move(task, MonitorTaskStatus.Paused, MonitorTaskLifecycle.Pause));
        DeliveryVerbs.Hold(unit, paused, held: true);
        return paused;
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION.</exception>
    public MonitorTask Resume(UnitOfWork unit, ResumeMonitorTaskRequest request)
    {
        var active = unit.Change(kind, request.TaskId, request.Etag, request.Reason, (_, task, _) => MonitorTaskLifecycle.Move(task, MonitorTaskStatus.Active, MonitorTaskLifecycle.Resume));
        DeliveryVerbs.Hold(unit, active, held: false);
        return active;
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH.</exception>
    public MonitorTask Delete(UnitOfWork unit, DeleteMonitorTaskRequest request)
    {
        var deleted = unit.Change(kind, request.TaskId, request.Etag, reason: null, (_, task, _) => MonitorTaskLifecycle.Move(task, MonitorTaskStatus.Deleted, MonitorTaskLifecycle.Delete));
        deliveries.CancelAll(unit, deleted);
        // An attempt that was cut short under a paused task is held too, and must come back to its end.
        DeliveryVerbs.Hold(unit, deleted, held: false);
        return deleted;
    }
}
