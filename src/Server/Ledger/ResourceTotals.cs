using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger;

/// <summary>
/// How many resources all organizations have together, by kind and status: a metric. It is read at intervals over a connection of its own,
/// so that it takes no reader from a call. After a read that failed the metric has no value.
/// </summary>
internal sealed class ResourceTotals : BackgroundService
{
    /// <summary>How long the count of one kind may take; a longer read keeps the database from cleaning up.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly TaskStore _store;
    private readonly ResourceKinds _kinds;
    private readonly TimeSpan? _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile Measurement<long>[] _totals = [];

    public ResourceTotals(
        TaskStore store,
        ResourceKinds kinds,
        IOptions<MetricOptions> options,
        IMeterFactory meters,
        TimeProvider time,
        ILogger<ResourceTotals> logger)
    {
        (_store, _kinds, _interval, _time, _logger) = (store, kinds, options.Value.ResourceInterval, time, logger);
        if (_interval is not null)
        {
            meters.Create(LedgerMetrics.MeterName).CreateObservableGauge(
                "taskgrpc.resources", () => _totals, "{resource}", "Resources that are not deleted, by kind and status.");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_interval is not { } interval)
        {
            return;
        }

        using var timer = new PeriodicTimer(interval, _time);
        do
        {
            try
            {
                _totals = await Task.Run(() => Read(stoppingToken), stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // No failure of a metric may stop the server.
                _totals = [];
                _logger.ResourcesNotCounted(exception is OperationCanceledException ? "A kind took too long" : FailureText.Of(exception));
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private Measurement<long>[] Read(CancellationToken stoppingToken)
    {
        using var reader = new StoreReader(_store.Connect());
        reader.BeginRent("");
        return [.. _kinds.Among([]).SelectMany(kind => Read(reader, kind, stoppingToken))];
    }

    private List<Measurement<long>> Read(StoreReader reader, KindDefinition kind, CancellationToken stoppingToken)
    {
        using var late = new CancellationTokenSource(Longest, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, late.Token);
        return reader.Interruptible(
            () => reader.CountByStatus(kind.Table).Select(counted => new Measurement<long>(
                counted.Count,
                new("kind", EnumNames<ResourceKind>.Of(kind.Kind)),
                new KeyValuePair<string, object?>("status", kind.StatusName(counted.Status)))).ToList(),
            end.Token);
    }
}
