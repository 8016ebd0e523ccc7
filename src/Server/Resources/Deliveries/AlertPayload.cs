using System.Text;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>The alert as a CloudEvents 1.0 object.</summary>
internal static class AlertPayload
{
    private const int MostBytes = 64 * 1024;

    /// <exception cref="Fault">INVALID_FIELD: the payload would be too large.</exception>
    public static Struct Of(string deliveryId, MonitorTask task, TriggerMonitorTaskRequest trigger, Timestamp triggeredAt)
    {
        var payload = new Struct
        {
            Fields =
            {
                ["specversion"] = Value.ForString("1.0"),
                ["id"] = Value.ForString(deliveryId),
                ["source"] = Value.ForString($"/monitor-tasks/{task.TaskId}"),
                ["type"] = Value.ForString("taskgrpc.monitor_task.triggered"),
                ["time"] = Value.ForString(triggeredAt.ToDateTimeOffset()
                    .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture)),
                ["datacontenttype"] = Value.ForString("application/json"),
                ["data"] = Value.ForStruct(Data(task, trigger)),
            },
        };
        // A CloudEvent's attribute must not be empty.
        if (trigger.EntityId.Length > 0)
        {
            payload.Fields["subject"] = Value.ForString(trigger.EntityId);
        }

        return payload.CalculateSize() is var size && size > MostBytes
            ? throw Fault.InvalidField(
                "context", $"is too large: with the task's fields the alert has {size} bytes, and at most {MostBytes} are allowed")
            : payload;
    }

    /// <summary>Whether the text is a valid String of a CloudEvents attribute (CloudEvents 1.0, 'Type System').</summary>
    public static bool IsSubject(string text) =>
        text.EnumerateRunes()
            .All(rune => !Rune.IsControl(rune) && rune.Value is not (>= 0xFDD0 and <= 0xFDEF) && (rune.Value & 0xFFFE) != 0xFFFE);

    private static Struct Data(MonitorTask task, TriggerMonitorTaskRequest trigger) => new()
    {
        Fields =
        {
            ["task_id"] = Value.ForString(task.TaskId),
            ["trigger_key"] = Value.ForString(trigger.TriggerKey),
            ["intent"] = Value.ForString(task.Intent),
            ["concept_id"] = Value.ForString(task.ConceptId),
            ["concept_version"] = Value.ForString(task.ConceptVersion),
            ["condition_id"] = Value.ForString(task.ConditionId),
            ["condition_version"] = Value.ForString(task.ConditionVersion),
            ["action_id"] = Value.ForString(task.ActionId),
            ["action_version"] = Value.ForString(task.ActionVersion),
            ["entity_scope"] = Value.ForString(task.EntityScope),
            ["entity_id"] = trigger.HasEntityId ? Value.ForString(trigger.EntityId) : Value.ForNull(),
            ["context"] = trigger.Context is { } context ? Value.ForStruct(context) : Value.ForNull(),
        },
    };
}
