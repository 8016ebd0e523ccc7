using System.Diagnostics.Metrics;

namespace TaskGrpc.Server.Ledger;

internal sealed class LedgerMetrics
{
    /// <summary>The name of the meter of all this server's instruments.</summary>
    public const string MeterName = "TaskGrpc";

    private readonly Meter _meter;
    private readonly Counter<long> _commands;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _commitTime;

    public LedgerMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _commands = _meter.CreateCounter<long>("taskgrpc.ledger.commands", "{command}", "Commands that the ledger answered, by outcome.");
        _batchSize = _meter.CreateHistogram<int>("taskgrpc.ledger.batch.size", "{command}", "Commands in one batch.");
        _commitTime = _meter.CreateHistogram<double>(
            "taskgrpc.ledger.commit.duration", "s", "From the first command of a batch to the end of its COMMIT.");
    }

    public void ObserveQueue(Func<int> depth) =>
        _meter.CreateObservableGauge("taskgrpc.ledger.queue.depth", depth, "{command}", "Commands that wait in the lanes.");

    public void Committed(int commands, int refused, TimeSpan duration)
    {
        _commands.Add(commands - refused, new KeyValuePair<string, object?>("outcome", "accepted"));
        _commands.Add(refused, new KeyValuePair<string, object?>("outcome", "refused"));
        _batchSize.Record(commands);
        _commitTime.Record(duration.TotalSeconds);
    }
}
