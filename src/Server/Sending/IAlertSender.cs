using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>Sends alerts to targets of some types.</summary>
internal interface IAlertSender
{
    /// <summary>Whether it sends to targets of this type.</summary>
    bool Serves(DeliveryType type);

    /// <summary>Makes one attempt. A failure of the target is a result, never an exception.</summary>
    /// <exception cref="OperationCanceledException">The server ends the attempt.</exception>
    Task<AttemptResult> SendAsync(Delivery delivery, CancellationToken cancellationToken);
}
