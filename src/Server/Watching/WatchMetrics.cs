using System.Diagnostics.Metrics;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Watching;

/// <summary>The watches' instruments.</summary>
internal sealed class WatchMetrics
{
    private readonly Meter _meter;
    private readonly UpDownCounter<int> _open;
    private readonly Counter<long> _events;
    private readonly Histogram<double> _lag;

    public WatchMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(LedgerMetrics.MeterName);
        _open = _meter.CreateUpDownCounter<int>("taskgrpc.watch.open", "{watch}", "Open watches.");
        _events = _meter.CreateCounter<long>("taskgrpc.watch.events", "{event}", "Changes sent to watches.");
        _lag = _meter.CreateHistogram<double>("taskgrpc.watch.lag", "s", "Time from waking a watch to the end of its write.");
    }

    public void ObservePoll(Func<TimeSpan> age) =>
        _meter.CreateObservableGauge("taskgrpc.watch.poll.age", () => age().TotalSeconds, "s", "Time since the last successful poll.");

    public void Opened() => _open.Add(1);

    public void Closed() => _open.Add(-1);

    public void Sent(int events, TimeSpan lag)
    {
        _events.Add(events);
        _lag.Record(lag.TotalSeconds);
    }
}
