using System.Diagnostics.Metrics;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Calls;

internal sealed class FaultMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _refusals;

    public FaultMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(LedgerMetrics.MeterName);
        _refusals = _meter.CreateCounter<long>("taskgrpc.refusals", "{call}", "Refused calls, by reason.");
    }

    public void Refused(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();
}
