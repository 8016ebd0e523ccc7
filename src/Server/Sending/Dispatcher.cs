using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>
/// Finds due deliveries and offers them to the lanes of their endpoints: after each commit that changes deliveries, when the next one
/// is due, and at intervals. The schedule is in the store; the memory here may be lost at any time.
/// </summary>
internal sealed class Dispatcher : BackgroundService
{
    /// <summary>The most lanes. The next read of the schedule finds deliveries beyond them again.</summary>
    private const int MostLanes = 10_000;

    /// <summary>An organization may have this many lanes for each attempt that Delivery:OrganizationConcurrency allows.</summary>
    private const int LanesPerAttempt = 8;

    /// <summary>
    /// After a read of the schedule, the dispatcher pauses for this many times the duration of the read, so that a long schedule does not
    /// keep the database busy.
    /// </summary>
    private const int RestFactor = 4;

    /// <summary>How long a shutdown waits for running attempts.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _stirred = [];
    private readonly Nudge _wake = new();
    private readonly Dictionary<(string Organization, string Endpoint), (EndpointLane Lane, Task Running)> _lanes = [];
    private readonly Dictionary<string, int> _lanesOf = [];
    private readonly CommitSignal _signal;
    private readonly TaskStore _store;
    private readonly DeliveryOptions _options;
    private readonly DeliveryDesk _desk;
    private DateTimeOffset _next = DateTimeOffset.MinValue;
    private bool _isCrowded;

    public Dispatcher(CommitSignal signal, TaskStore store, DeliveryAttempts attempts, DeliveryMetrics metrics, StoreOutages outages,
        IOptions<DeliveryOptions> options, TimeProvider time, ILogger<Dispatcher> logger)
    {
        (_signal, _store, _options) = (signal, store, options.Value);
        _desk = new DeliveryDesk(store, attempts, metrics, outages, _options, time, logger);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_options.Enabled)
        {
            return Task.CompletedTask;
        }

        _signal.Committed += OnCommitted;
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // 1. Start nothing more, and wait a while for running attempts.
        _signal.Committed -= OnCommitted;
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = TimeProvider.System.GetTimestamp();
            try
            {
                await DispatchAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is DbException or SocketException)
            {
                _desk.Outages.Failed(StorageFailures.Of(exception) ?? StorageFailure.Lost, exception);
                _next = _desk.Time.GetUtcNow() + _options.PollInterval;
            }

            // The machine's time, even if the schedule uses a test's clock.
            var rest = TimeProvider.System.GetElapsedTime(began) * RestFactor;
            await Task.Delay(rest < _options.PollInterval ? rest : _options.PollInterval, TimeProvider.System, stoppingToken);
            await WaitAsync(stoppingToken);
        }
    }

    /// <summary>Offers what is due: from the whole schedule at its interval, else only from organizations with new commits.</summary>
    private async Task DispatchAsync(CancellationToken stopping)
    {
        var now = _desk.Time.GetUtcNow();
        // If _next is further away than the interval, the clock was set back.
        var isWhole = now >= _next || _next - now > _options.PollInterval;
        string?[] organizations;
        lock (_gate)
        {
            organizations = isWhole ? [null] : [.. _stirred];
            _stirred.Clear();
        }

        _next = isWhole ? now + _options.PollInterval : _next;
        using var rented = await _store.RentAsync("", stopping);
        foreach (var (organization, endpoint, dueAt) in organizations.SelectMany(rented.Reader.Statements<DueDeliveryStatements>().Places))
        {
            stopping.ThrowIfCancellationRequested();
            if (dueAt <= now)
            {
                Offer((organization, endpoint), stopping);
            }
            else if (dueAt < _next)
            {
                _next = dueAt;
            }
        }

        if (_isCrowded)
        {
            _isCrowded = false;
            ForgetIdleLanes();
        }
    }

    private void Offer((string Organization, string Endpoint) place, CancellationToken stopping)
    {
        if (!_lanes.TryGetValue(place, out var lane))
        {
            // The next read of the schedule finds a delivery without a lane again. Deliveries that need no network always get a lane.
            var own = _lanesOf.GetValueOrDefault(place.Organization);
            if (place.Endpoint != DeliveryPlace.Ledger
                && (_lanes.Count >= MostLanes || own >= LanesPerAttempt * _options.OrganizationConcurrency))
            {
                _isCrowded = true;
                return;
            }

            _lanesOf[place.Organization] = own + 1;
            lane = (new EndpointLane(place.Organization, place.Endpoint, new EndpointHealth(_options.EndpointConcurrency, _desk.Time),
                _desk), Task.CompletedTask);
            _lanes[place] = lane;
        }

        if (lane.Lane.Offer())
        {
            _lanes[place] = (lane.Lane, Task.Run(() => lane.Lane.RunAsync(stopping), CancellationToken.None));
        }
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

    /// <summary>Waits for a commit that changes deliveries, or until the next delivery is due.</summary>
    private async Task WaitAsync(CancellationToken stopping)
    {
        var wait = _next - _desk.Time.GetUtcNow();
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        await using var timer = _desk.Time.CreateTimer(static wake => ((Nudge)wake!).Give(), _wake,
            wait < _options.PollInterval ? wait : _options.PollInterval, Timeout.InfiniteTimeSpan);
        // The timer does not fire if the clock was set forward before the timer was created.
        if (_desk.Time.GetUtcNow() < _next)
        {
            await _wake.WaitAsync(stopping);
        }
    }

    private void OnCommitted(string organizationId, IReadOnlyList<LoggedChange> changes)
    {
        if (changes.Any(change => change.Kind is ResourceKind.Delivery or ResourceKind.MonitorTask))
        {
            lock (_gate)
            {
                _stirred.Add(organizationId);
            }

            _wake.Give();
        }
    }
}
