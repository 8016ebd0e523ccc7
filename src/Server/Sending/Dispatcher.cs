using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>
/// Looks for due deliveries and hands them to the lanes of their endpoints: after each commit that concerns deliveries, when the next
/// one falls due, and now and then in any case. The schedule is the store's; what is in memory here may be lost at any time.
/// </summary>
internal sealed class Dispatcher : BackgroundService
{
    /// <summary>More lanes than these wait for others to end; what they would carry is found again.</summary>
    private const int MostLanes = 10_000;

    /// <summary>For each attempt that an organization may have under way, it may have so many lanes.</summary>
    private const int LanesPerAttempt = 8;

    /// <summary>For each moment spent on looking, so many are spent on something else, however long the schedule has become.</summary>
    private const int RestFactor = 4;

    /// <summary>How long a shutdown waits for attempts that are under way.</summary>
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

    public Dispatcher(CommitSignal signal, TaskStore store, DeliveryAttempts attempts, DeliveryMetrics metrics, StoreOutages outages, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<Dispatcher> logger)
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
        // 1. Begin nothing more, and let what is under way end by itself for a while.
        _signal.Committed -= OnCommitted;
        await base.StopAsync(cancellationToken);
        await (ExecuteTask ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var running = Task.WhenAll(_lanes.Values.Select(lane => lane.Running));
        await Task.WhenAny(running, Task.Delay(Grace, TimeProvider.System, cancellationToken));

        // 2. What takes longer is left to its lease.
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

            // The machine's own time, whatever clock the schedule goes by.
            var rest = TimeProvider.System.GetElapsedTime(began) * RestFactor;
            await Task.Delay(rest < _options.PollInterval ? rest : _options.PollInterval, TimeProvider.System, stoppingToken);
            await WaitAsync(stoppingToken);
        }
    }

    /// <summary>Hands out what is due: of the whole schedule when its time has come, else of the organizations that were stirred.</summary>
    private async Task DispatchAsync(CancellationToken stopping)
    {
        var now = _desk.Time.GetUtcNow();
        // Further away than it was ever set: the clock was turned back.
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
            // What is not carried now is found again. What goes nowhere always has its lane.
            var own = _lanesOf.GetValueOrDefault(place.Organization);
            if (place.Endpoint != DeliveryPlace.Ledger && (_lanes.Count >= MostLanes || own >= LanesPerAttempt * _options.OrganizationConcurrency))
            {
                _isCrowded = true;
                return;
            }

            _lanesOf[place.Organization] = own + 1;
            lane = (new EndpointLane(place.Organization, place.Endpoint, new EndpointHealth(_options.EndpointConcurrency, _desk.Time), _desk), Task.CompletedTask);
            _lanes[place] = lane;
        }

        if (lane.Lane.Offer())
        {
            _lanes[place] = (lane.Lane, Task.Run(() => lane.Lane.RunAsync(stopping), CancellationToken.None));
        }
    }

    /// <summary>Memory is bounded whatever targets are named: those that do well are forgotten first, else all that rest.</summary>
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

    /// <summary>Waits for a commit that concerns deliveries, or for the next moment at which something falls due.</summary>
    private async Task WaitAsync(CancellationToken stopping)
    {
        var wait = _next - _desk.Time.GetUtcNow();
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        await using var timer = _desk.Time.CreateTimer(static wake => ((Nudge)wake!).Give(), _wake, wait < _options.PollInterval ? wait : _options.PollInterval, Timeout.InfiniteTimeSpan);
        // Set forward before the timer was, the clock would not fire it.
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
