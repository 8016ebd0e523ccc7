using System.Data.Common;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Delivering;

/// <summary>
/// Looks for due deliveries and hands them to the lanes of their endpoints: after each commit that concerns deliveries, when the next
/// one falls due, and now and then in any case. The schedule is the store's; what is in memory here may be lost at any time.
/// </summary>
internal sealed class Dispatcher : BackgroundService
{
    /// <summary>How long a shutdown waits for attempts that are under way.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _stirred = [];
    private readonly Nudge _wake = new();
    private readonly Dictionary<string, (EndpointLane Lane, Task Running)> _lanes = [];
    private readonly CommitSignal _signal;
    private readonly TaskStore _store;
    private readonly DeliveryOptions _options;
    private readonly DeliveryDesk _desk;
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    public Dispatcher(CommitSignal signal, TaskStore store, DeliveryAttempts attempts, DeliveryMetrics metrics, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<Dispatcher> logger)
    {
        (_signal, _store, _options) = (signal, store, options.Value);
        _desk = new DeliveryDesk(store, attempts, metrics, _options.Concurrency, time, logger);
        _signal.Committed += OnCommitted;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // 1. Begin nothing more, and let what is under way end by itself for a while.
        _signal.Committed -= OnCommitted;
        await base.StopAsync(cancellationToken);
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
        while (_options.Enabled && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await DispatchAsync(stoppingToken);
            }
            catch (DbException exception)
            {
                _desk.Logger.ScheduleUnreadable(exception);
                _next = _desk.Time.GetUtcNow() + _options.PollInterval;
            }

            await WaitAsync(stoppingToken);
        }
    }

    /// <summary>Hands out what is due: of the whole schedule when its time has come, else of the organizations that were stirred.</summary>
    private async Task DispatchAsync(CancellationToken stopping)
    {
        var now = _desk.Time.GetUtcNow();
        var isWhole = now >= _next;
        string?[] organizations;
        lock (_gate)
        {
            organizations = isWhole ? [null] : [.. _stirred];
            _stirred.Clear();
        }

        _next = isWhole ? now + _options.PollInterval : _next;
        using var lease = await _store.RentAsync("", stopping);
        foreach (var (organization, endpoint, dueAt) in organizations.SelectMany(lease.Reader.DueDeliveries.Places))
        {
            if (dueAt <= now)
            {
                Offer(organization, endpoint, stopping);
            }
            else if (dueAt < _next)
            {
                _next = dueAt;
            }
        }
    }

    private void Offer(string organization, string endpoint, CancellationToken stopping)
    {
        if (!_lanes.TryGetValue(endpoint, out var lane))
        {
            ForgetIdleLanes();
            lane = (new EndpointLane(endpoint, new EndpointHealth(_options.EndpointConcurrency, _desk.Time), _desk), Task.CompletedTask);
            _lanes[endpoint] = lane;
        }

        if (lane.Lane.Offer(organization))
        {
            _lanes[endpoint] = (lane.Lane, Task.Run(() => lane.Lane.RunAsync(stopping), CancellationToken.None));
        }
    }

    /// <summary>What is known of an endpoint is kept while few are known, so that memory is bounded whatever targets are named.</summary>
    private void ForgetIdleLanes()
    {
        const int most = 10_000;
        if (_lanes.Count >= most)
        {
            foreach (var endpoint in _lanes.Where(lane => lane.Value.Running.IsCompleted).Select(lane => lane.Key).ToArray())
            {
                _lanes.Remove(endpoint);
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

        using var limit = new CancellationTokenSource(wait, _desk.Time);
        if (_desk.Time.GetUtcNow() >= _next)
        {
            // The clock was set forward before the timer was.
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            await _wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // The time has come.
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
