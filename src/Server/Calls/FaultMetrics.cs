using System.Diagnostics.Metrics;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Calls;

internal sealed class FaultMetrics
{
    private readonly Counter<long> _refusals;

    public FaultMetrics(IMeterFactory meters) => _refusals =
        meters.Create(LedgerMetrics.MeterName).CreateCounter<long>("taskgrpc.refusals", "{call}", "Refused calls, by reason.");

    public void Refused(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
