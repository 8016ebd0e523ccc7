using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;
using static TaskGrpc.V1.DeliveryStatus;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>What the verbs of deliveries check and change. Nobody creates or updates one by a call of its own.</summary>
internal sealed class DeliveryRules : ResourceRules<Delivery>
{
    private const int MostAttempts = 50;
    private const int MostError = 1000;

    /// <summary>The end of an attempt whose worker's lease ran out.</summary>
    public static AttemptResult CutShort { get; } = AttemptResult.Retryable("The server stopped in mid-attempt; whether the target was reached is unknown.");

    public override void CheckSent(Delivery sent, string path, Violations violations) =>
        CheckInitial(sent.Status, DeliveryLifecycle.Machine.Initial, path, violations);

    public override void Create(Delivery resource, Caller caller, string path, Violations violations) => resource.Status = DeliveryLifecycle.Machine.Initial;

    /// <summary>A new delivery: a notification is delivered by being created, anything else is due at once.</summary>
    public static Delivery New(MonitorTask task, string triggerKey, Timestamp at)
    {
        var delivery = new Delivery { TaskId = task.TaskId, TriggerKey = triggerKey, Target = task.Delivery.Clone(), Status = DeliveryLifecycle.Machine.Initial };
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

    /// <summary>Begins an attempt. One that was under way is recorded as cut short.</summary>
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

    /// <summary>Takes down how an attempt ended, and what follows from it.</summary>
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
        // While it is DELIVERING nothing else changes it, so it last changed when the attempt began.
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
