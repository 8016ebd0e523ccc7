using System.Diagnostics.Metrics;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

internal sealed class DeliveryMetrics
{
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<int> _open;

    public DeliveryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(LedgerMetrics.MeterName);
        _attempts = meter.CreateCounter<long>(
            "taskgrpc.delivery.attempts", "{attempt}", "Attempts that ended, by type of target and outcome.");
        _duration = meter.CreateHistogram<double>(
            "taskgrpc.delivery.attempt.duration", "s", "From the claim of a delivery to the end of its attempt, by type of target.");
        _open = meter.CreateUpDownCounter<int>("taskgrpc.delivery.attempts.open", "{attempt}", "Running attempts.");
    }

    public void Began() => _open.Add(1);

    public void Ended() => _open.Add(-1);

    public void Attempted(DeliveryType type, AttemptResult result, TimeSpan duration)
    {
        var target = new KeyValuePair<string, object?>("type", type.ToString());
        _attempts.Add(1, target, new("outcome", result.Outcome.ToString()));
        _duration.Record(duration.TotalSeconds, target);
    }
}
