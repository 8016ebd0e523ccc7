using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>Takes alerts to targets of some types.</summary>
internal interface IAlertSender
{
    /// <summary>Whether targets of this type are its own.</summary>
    bool Serves(DeliveryType type);

    /// <summary>Makes one attempt. It never throws for what a target does or fails to do.</summary>
    /// <exception cref="OperationCanceledException">The server ends the attempt.</exception>
    Task<AttemptResult> SendAsync(Delivery delivery, CancellationToken cancellationToken);
}
