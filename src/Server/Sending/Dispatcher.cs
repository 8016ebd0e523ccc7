using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>Offers due deliveries to the lanes of their endpoints.</summary>
internal sealed class Dispatcher : ScheduleReader
{
    /// <summary>The most lanes. The next read of the schedule finds deliveries beyond them again.</summary>
    private const int MostLanes = 10_000;

    /// <summary>An organization may have this many lanes for each attempt that Delivery:OrganizationConcurrency allows.</summary>
    private const int LanesPerAttempt = 8;

    /// <summary>How long a shutdown waits for running attempts.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(string Organization, string Endpoint), (EndpointLane Lane, Task Running)> _lanes = [];
    private readonly Dictionary<string, int> _lanesOf = [];
    private readonly DeliveryOptions _options;
    private readonly DeliveryDesk _desk;
    private bool _isCrowded;

    public Dispatcher(CommitSignal signal, TaskStore store, DeliveryAttempts attempts, DeliveryMetrics metrics, StoreOutages outages,
        IOptions<DeliveryOptions> options, TimeProvider time, ILogger<Dispatcher> logger)
        : base(SchedulePurpose.Delivery, options.Value.PollInterval, signal, store, outages, time)
    {
        _options = options.Value;
        _desk = new DeliveryDesk(store, attempts, metrics, outages, _options, time, logger);
    }

    public override Task StartAsync(CancellationToken cancellationToken) =>
        _options.Enabled ? base.StartAsync(cancellationToken) : Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // 1. Start nothing more, and wait a while for running attempts.
        await base.StopAsync(cancellationToken);
        await (ExecuteTask ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var running = Task.WhenAll(_lanes.Values.Select(lane => lane.Running));
        await Task.WhenAny(running, Task.Delay(Grace, TimeProvider.System, cancellationToken));

        // 2. Abandon longer ones: they are repeated after their lease.
        _desk.Abandon();
        await running;
    }

    public override void Dispose()
    {
        _desk.Dispose();
        base.Dispose();
    }

    protected override bool Concerns(IReadOnlyList<LoggedChange> changes) =>
        changes.Any(change => change.Kind is ResourceKind.Delivery or ResourceKind.MonitorTask);

    protected override void Offer(DuePlace place, CancellationToken stopping)
    {
        var key = (place.OrganizationId, place.Group);
        if (!_lanes.TryGetValue(key, out var lane))
        {
            // A delivery without a lane is found again. The ledger's place always gets its lane.
            var own = _lanesOf.GetValueOrDefault(place.OrganizationId);
            if (place.Group != DeliveryPlace.Ledger
                && (_lanes.Count >= MostLanes || own >= LanesPerAttempt * _options.OrganizationConcurrency))
            {
                _isCrowded = true;
                return;
            }

            _lanesOf[place.OrganizationId] = own + 1;
            lane = (new EndpointLane(place.OrganizationId, place.Group, new EndpointHealth(_options.EndpointConcurrency, _desk.Time),
                _desk), Task.CompletedTask);
            _lanes[key] = lane;
        }

        if (lane.Lane.Offer())
        {
            _lanes[key] = (lane.Lane, Task.Run(() => lane.Lane.RunAsync(stopping), CancellationToken.None));
        }
    }

    protected override Task OfferedAsync(CancellationToken stopping)
    {
        if (_isCrowded)
        {
            _isCrowded = false;
            ForgetIdleLanes();
        }

        return Task.CompletedTask;
    }

    /// <summary>Bounds memory for any number of targets: forgets idle lanes of healthy endpoints first, else all idle lanes.</summary>
    private void ForgetIdleLanes()
    {
        var resting = _lanes.Where(lane => lane.Value.Running.IsCompleted).ToArray();
        var well = resting.Where(lane => lane.Value.Lane.IsIdle).ToArray();
        foreach (var lane in well.Length > 0 ? well : resting)
        {
            _lanes.Remove(lane.Key);
            if (--_lanesOf[lane.Key.Organization] == 0)
            {
                _lanesOf.Remove(lane.Key.Organization);
            }
        }
    }
}
