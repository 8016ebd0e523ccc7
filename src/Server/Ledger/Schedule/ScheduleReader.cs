using System.Data.Common;
using System.Net.Sockets;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>
/// Finds the places of one purpose with due rows: after commits that may concern it, when the next row is due, and at intervals. The
/// schedule is in the store; the memory here may be lost at any time.
/// </summary>
/// <param name="purpose">The purpose.</param>
/// <param name="interval">How often it reads all places. A missed wake-up costs no more.</param>
/// <param name="signal">Announces commits.</param>
/// <param name="store">The store.</param>
/// <param name="outages">Where failures of the store are counted.</param>
/// <param name="time">The clock of the schedule.</param>
internal abstract class ScheduleReader(
    SchedulePurpose purpose, TimeSpan interval, CommitSignal signal, TaskStore store, StoreOutages outages, TimeProvider time)
        : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _stirred = [];
    private readonly Nudge _wake = new();
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    protected SchedulePurpose Purpose { get; } = purpose;

    protected TaskStore Store { get; } = store;

    protected StoreOutages Outages { get; } = outages;

    protected TimeProvider Time { get; } = time;

    /// <summary>A rest after each read of the schedule, as a multiple of its duration, however long the schedule is.</summary>
    protected virtual int RestFactor => 4;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        signal.Committed += OnCommitted;
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        signal.Committed -= OnCommitted;
        return base.StopAsync(cancellationToken);
    }

    /// <summary>Whether a commit may have made something due. It runs on the lane's thread and must be brief.</summary>
    protected abstract bool Concerns(IReadOnlyList<LoggedChange> changes);

    /// <summary>Takes note of a place with something due, during the read.</summary>
    protected abstract void Offer(DuePlace place, CancellationToken stopping);

    /// <summary>Runs after each read.</summary>
    protected abstract Task OfferedAsync(CancellationToken stopping);

    /// <summary>Has an organization's places read again soon.</summary>
    protected void Stir(string organizationId)
    {
        lock (_gate)
        {
            _stirred.Add(organizationId);
        }

        _wake.Give();
    }

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = TimeProvider.System.GetTimestamp();
            try
            {
                await ReadAsync(stoppingToken);
                await OfferedAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is DbException or SocketException)
            {
                Outages.Failed(StorageFailures.Of(exception) ?? StorageFailure.Lost, exception);
                _next = Time.GetUtcNow() + interval;
            }

            // The machine's time, even if the schedule uses a test's clock.
            var rest = TimeProvider.System.GetElapsedTime(began) * RestFactor;
            await Task.Delay(rest < interval ? rest : interval, TimeProvider.System, stoppingToken);
            await WaitAsync(stoppingToken);
        }
    }

    /// <summary>Offers what is due: from the whole schedule at its interval, else only from organizations with new commits.</summary>
    private async Task ReadAsync(CancellationToken stopping)
    {
        var now = Time.GetUtcNow();
        // If _next is further away than the interval, the clock was set back.
        var isWhole = now >= _next || _next - now > interval;
        string?[] organizations;
        lock (_gate)
        {
            organizations = isWhole ? [null] : [.. _stirred];
            _stirred.Clear();
        }

        _next = isWhole ? now + interval : _next;
        using var rented = await Store.RentAsync("", stopping);
        var statements = rented.Reader.Statements<ScheduleStatements>();
        foreach (var place in organizations.SelectMany(organization => statements.Places(Purpose, organization)))
        {
            stopping.ThrowIfCancellationRequested();
            if (place.DueAt <= now)
            {
                Offer(place, stopping);
            }
            else if (place.DueAt < _next)
            {
                _next = place.DueAt;
            }
        }
    }

    /// <summary>Waits for a commit that concerns the purpose, or until the next row is due.</summary>
    private async Task WaitAsync(CancellationToken stopping)
    {
        var wait = _next - Time.GetUtcNow();
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        var most = wait < interval ? wait : interval;
        await using var timer = Time.CreateTimer(static wake => ((Nudge)wake!).Give(), _wake, most, Timeout.InfiniteTimeSpan);
        // The timer does not fire if the clock was set forward before the timer was created.
        if (Time.GetUtcNow() < _next)
        {
            await _wake.WaitAsync(stopping);
        }
    }

    private void OnCommitted(string organizationId, IReadOnlyList<LoggedChange> changes)
    {
        if (Concerns(changes))
        {
            Stir(organizationId);
        }
    }
}
