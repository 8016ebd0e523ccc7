using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.MonitorTasks;

internal sealed class MonitorTaskRules(IOptions<DeliveryOptions> options) : ResourceRules<MonitorTask>
{
    public override string StatusVerbs => "PauseMonitorTask, ResumeMonitorTask or DeleteMonitorTask";

    public override void CheckSent(MonitorTask sent, string path, Violations violations)
    {
        if (sent.Status == MonitorTaskStatus.Preview)
        {
            violations.Add(
                path + "status", "cannot be MONITOR_TASK_STATUS_PREVIEW; leave the status out, and set validate_only for a dry run");
        }
        else
        {
            CheckInitial(sent.Status, MonitorTaskLifecycle.Machine.Initial, path, violations);
        }
    }

    public override void CheckValues(MonitorTask resource, string path, Violations violations, Func<string, bool> isSet)
    {
        if (isSet("delivery") && resource.Delivery is { } target)
        {
            DeliveryTargetRules.Check(target, path + "delivery.", options.Value.AllowHttp, violations);
        }
    }

    public override void Create(MonitorTask resource, Caller caller, string path, Violations violations)
    {
        resource.Status = MonitorTaskLifecycle.Machine.Initial;
        if (resource.Delivery is { } target)
        {
            DeliveryTargetRules.WriteInAscii(target);
        }
    }

    public override void Update(MonitorTask before, MonitorTask after, Caller caller, Timestamp at)
    {
        // Leave a target that an older release stored unchanged until an Update sets it.
        if (!after.Delivery.Equals(before.Delivery))
        {
            DeliveryTargetRules.WriteInAscii(after.Delivery);
        }
    }

    public override void Preview(MonitorTask resource) => resource.Status = MonitorTaskStatus.Preview;

    public static void CheckTrigger(TriggerMonitorTaskRequest request, Violations violations)
    {
        if (!AlertPayload.IsSubject(request.EntityId))
        {
            violations.Add(
                "entity_id", "must not contain control characters or noncharacters, because it becomes the subject of a CloudEvent");
        }

        if (violations.Any)
        {
            // The call fails whether or not the key is stored, so report the key's flaw together with the others.
            CheckNewKey(request, violations);
        }
    }

    /// <summary>
    /// Checks a key that no trigger of the task has used. Older releases stored keys that this check refuses; repeating one still returns
    /// its delivery.
    /// </summary>
    public static void CheckNewKey(TriggerMonitorTaskRequest request, Violations violations)
    {
        if (request.TriggerKey.Length > 0 && TextCheck.NameFlaw(request.TriggerKey) is { } flaw)
        {
            violations.Add("trigger_key", flaw);
        }
    }
}
