using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.MonitorTasks;

/// <summary>The verbs of monitor tasks that also change deliveries.</summary>
internal sealed class MonitorTaskVerbs(KindDefinition<MonitorTask> kind, DeliveryVerbs deliveries)
{
    /// <exception cref="Fault">RESOURCE_NOT_FOUND, MONITOR_TASK_PAUSED, INVALID_FIELD.</exception>
    public Delivery Trigger(UnitOfWork unit, TriggerMonitorTaskRequest request)
    {
        // 1. A key that was used returns its delivery, even if the task is paused or deleted: a repeat is always safe.
        if (unit.Find(kind, Guid.Parse(request.TaskId)) is { } known
            && deliveries.Triggered(unit, known, request.TriggerKey) is { } earlier)
        {
            return earlier;
        }

        // 2. Check a new key; only an ACTIVE task can be triggered.
        var violations = new Violations();
        MonitorTaskRules.CheckNewKey(request, violations);
        violations.ThrowIfAny();
        var task = unit.Require(kind, request.TaskId);
        if (task.Status == MonitorTaskStatus.Paused)
        {
            throw MonitorTaskPaused.Of(task.TaskId);
        }

        // 3. last_triggered_at and the delivery, in one revision.
        var triggeredAt = request.TriggeredAt is { } told && told < unit.Now ? Moment.Cut(told) : unit.Now;
        unit.Change(kind, request.TaskId, etag: "", reason: null,
            (_, changed, _) => changed.LastTriggeredAt = Moment.Later(triggeredAt, changed.LastTriggeredAt));
        return deliveries.Create(unit, task, request, triggeredAt);
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION.</exception>
    public MonitorTask Pause(UnitOfWork unit, PauseMonitorTaskRequest request)
    {
        var paused = unit.Change(kind, request.TaskId, request.Etag, request.Reason,
            (_, task, _) => MonitorTaskLifecycle.Move(task, MonitorTaskStatus.Paused, MonitorTaskLifecycle.Pause));
        DeliveryVerbs.Hold(unit, paused, held: true);
        return paused;
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION.</exception>
    public MonitorTask Resume(UnitOfWork unit, ResumeMonitorTaskRequest request)
    {
        var active = unit.Change(kind, request.TaskId, request.Etag, request.Reason,
            (_, task, _) => MonitorTaskLifecycle.Move(task, MonitorTaskStatus.Active, MonitorTaskLifecycle.Resume));
        DeliveryVerbs.Hold(unit, active, held: false);
        return active;
    }

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH.</exception>
    public MonitorTask Delete(UnitOfWork unit, DeleteMonitorTaskRequest request)
    {
        var deleted = unit.Change(kind, request.TaskId, request.Etag, reason: null,
            (_, task, _) => MonitorTaskLifecycle.Move(task, MonitorTaskStatus.Deleted, MonitorTaskLifecycle.Delete));
        Cascade.Begin(unit, kind.Kind, deleted.TaskId, "The monitor task was deleted.", deliveries.Covered);
        DeliveryVerbs.ReleaseRunning(unit, deleted);
        return deleted;
    }
}
