using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;
using static TaskGrpc.V1.DeliveryStatus;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>The lifecycle of deliveries. Only the server runs Attempt and Report.</summary>
internal static class DeliveryLifecycle
{
    public const string Attempt = nameof(Attempt);
    public const string Report = nameof(Report);
    public const string Redeliver = nameof(Redeliver);
    public const string Cancel = nameof(Cancel);

    public static StateMachine<DeliveryStatus> Machine { get; } = new(
        Pending,
        new([Pending, Retrying], [DeliveryStatus.Delivering], Attempt),
        new([Pending, Retrying], [Canceled], Cancel),
        // To CANCELED instead of a retry if the monitor task was deleted meanwhile.
        new([DeliveryStatus.Delivering], [Delivered, Retrying, Dead, Canceled], Report),
        new([Delivered, Dead, Canceled], [Pending], Redeliver));

    /// <exception cref="Fault">INVALID_TRANSITION.</exception>
    public static void Move(Delivery delivery, DeliveryStatus to, string verb)
    {
        if (!Machine.Targets(delivery.Status, verb).Contains(to))
        {
            throw InvalidTransition.Of(delivery, delivery.Status, to, Machine, Redeliver, Cancel);
        }

        delivery.Status = to;
    }
}
