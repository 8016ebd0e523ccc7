using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>Notifications and workflows need no network: the report delivers them, to the watchers or as a flow execution.</summary>
internal sealed class LedgerSender : IAlertSender
{
    public bool Serves(DeliveryType type) => type is DeliveryType.Notification or DeliveryType.Workflow;

    public Task<AttemptResult> SendAsync(Delivery delivery, CancellationToken cancellationToken) =>
        Task.FromResult(AttemptResult.Succeeded);
}
