using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;
using static TaskGrpc.V1.DeliveryStatus;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>What the verbs of deliveries check and change. Deliveries have no Create and no Update call.</summary>
internal sealed class DeliveryRules : ResourceRules<Delivery>
{
    private const int MostAttempts = 50;
    private const int MostError = 1000;

    /// <summary>The result of an attempt whose lease expired.</summary>
    public static AttemptResult CutShort { get; } =
        AttemptResult.Retryable("The server stopped during the attempt. The target may have received the alert.");

    public override void CheckSent(Delivery sent, string path, Violations violations) =>
        CheckInitial(sent.Status, DeliveryLifecycle.Machine.Initial, path, violations);

    public override void Create(Delivery resource, Caller caller, string path, Violations violations) =>
        resource.Status = DeliveryLifecycle.Machine.Initial;

    /// <summary>A new delivery: a notification is delivered at creation, any other is due at once.</summary>
    public static Delivery New(MonitorTask task, string triggerKey, Timestamp at)
    {
        var delivery = new Delivery
        {
            TaskId = task.TaskId,
            TriggerKey = triggerKey,
            Target = task.Delivery.Clone(),
            Status = DeliveryLifecycle.Machine.Initial
        };
        if (delivery.Target.Type == DeliveryType.Notification)
        {
            (delivery.Status, delivery.DeliveredAt) = (Delivered, at);
        }
        else
        {
            delivery.NextAttemptAt = at;
        }

        return delivery;
    }

    /// <summary>Starts an attempt. If one is still open, records it as cut short.</summary>
    public static void Attempt(Delivery delivery, Timestamp at)
    {
        if (delivery.Status == DeliveryStatus.Delivering)
        {
            Record(delivery, CutShort, at);
        }
        else
        {
            DeliveryLifecycle.Move(delivery, DeliveryStatus.Delivering, DeliveryLifecycle.Attempt);
        }

        delivery.AttemptCount++;
        delivery.NextAttemptAt = null;
    }

    /// <summary>Records the end of an attempt and moves the delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="result">How the attempt ended.</param>
    /// <param name="next">When the next attempt is due; null if there is none.</param>
    /// <param name="isTaskDeleted">Whether the monitor task was deleted meanwhile.</param>
    /// <param name="at">The moment.</param>
    public static void Report(Delivery delivery, AttemptResult result, Timestamp? next, bool isTaskDeleted, Timestamp at)
    {
        Record(delivery, result, at);
        var to = result.Outcome switch
        {
            AttemptOutcome.Succeeded => Delivered,
            AttemptOutcome.Retryable when next is not null && isTaskDeleted => Canceled,
            AttemptOutcome.Retryable when next is not null => Retrying,
            _ => Dead,
        };
        DeliveryLifecycle.Move(delivery, to, DeliveryLifecycle.Report);
        delivery.DeliveredAt = to == Delivered ? at : null;
        delivery.NextAttemptAt = to == Retrying ? next : null;
    }

    public static void Redeliver(Delivery delivery, Timestamp at)
    {
        DeliveryLifecycle.Move(delivery, Pending, DeliveryLifecycle.Redeliver);
        delivery.DeliveredAt = null;
        delivery.NextAttemptAt = at;
    }

    public static void Cancel(Delivery delivery)
    {
        DeliveryLifecycle.Move(delivery, Canceled, DeliveryLifecycle.Cancel);
        delivery.NextAttemptAt = null;
    }

    private static void Record(Delivery delivery, AttemptResult result, Timestamp at)
    {
        // Nothing else changes a DELIVERING delivery, so its last change is the start of the attempt.
        var attempt = new DeliveryAttempt { StartedAt = delivery.UpdatedAt, FinishedAt = at, Outcome = result.Outcome };
        if (result.HttpStatus is { } status)
        {
            attempt.HttpStatus = status;
        }

        if (result.Error is { } error)
        {
            attempt.Error = Clip.Of(error, MostError);
        }

        delivery.Attempts.Add(attempt);
        if (delivery.Attempts.Count > MostAttempts)
        {
            delivery.Attempts.RemoveAt(0);
        }
    }
}
