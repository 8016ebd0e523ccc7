using System.Data.Common;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Delivering;

/// <summary>
/// The attempts at one endpoint: a few at a time, in turn for each organization that has something due there. It runs while something is
/// due, and waits for nobody but its own endpoint.
/// </summary>
internal sealed class EndpointLane(string endpoint, EndpointHealth health, DeliveryDesk desk)
{
    /// <summary>After a failure of the store or a full lane nothing else would go better at once.</summary>
    private static readonly TimeSpan Setback = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<string> _organizations = [];
    private readonly HashSet<Guid> _underWay = [];
    private readonly Nudge _changed = new();
    private bool _isRunning;
    private bool _hasSetback;

    /// <summary>Tells the lane that an organization has something due; true if somebody must run it for that.</summary>
    public bool Offer(string organizationId)
    {
        lock (_gate)
        {
            if (!_organizations.Contains(organizationId))
            {
                _organizations.Enqueue(organizationId);
            }

            _changed.Give();
            return !_isRunning && (_isRunning = true);
        }
    }

    /// <summary>Works off what is due, until nothing is.</summary>
    /// <param name="stopping">Begins no more attempts, and waits for those that are under way.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (await NextAsync(stopping) is { } organization)
            {
                await BeginAsync(organization, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            await QuietAsync();
        }
    }

    /// <summary>The organization whose turn it is, once there is room for an attempt; null when there is nothing left to do.</summary>
    private async Task<string?> NextAsync(CancellationToken stopping)
    {
        while (true)
        {
            await PauseAsync(stopping);
            lock (_gate)
            {
                if (_underWay.Count < health.Concurrency && _organizations.TryDequeue(out var organization))
                {
                    return organization;
                }

                if (_underWay.Count == 0 && _organizations.Count == 0)
                {
                    _isRunning = false;
                    return null;
                }
            }

            await _changed.WaitAsync(stopping);
        }
    }

    private async Task PauseAsync(CancellationToken stopping)
    {
        TimeSpan pause;
        lock (_gate)
        {
            pause = health.Pause;
            pause = _hasSetback && pause < Setback ? Setback : pause;
            _hasSetback = false;
        }

        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, desk.Time, stopping);
        }
    }

    private async Task BeginAsync(string organization, CancellationToken stopping)
    {
        int room, limit;
        lock (_gate)
        {
            room = health.Concurrency - _underWay.Count;
            // Those whose claim has not been committed yet are due still.
            limit = room + _underWay.Count;
        }

        try
        {
            Begin(organization, await desk.DueAsync(organization, endpoint, limit, stopping), room, limit);
        }
        catch (DbException exception)
        {
            desk.Logger.ScheduleUnreadable(exception);
            lock (_gate)
            {
                _hasSetback = true;
                _organizations.Enqueue(organization);
            }
        }
    }

    private void Begin(string organization, List<DueDelivery> due, int room, int limit)
    {
        lock (_gate)
        {
            foreach (var delivery in due.Where(delivery => !_underWay.Contains(delivery.DeliveryId)).Take(room).ToArray())
            {
                _underWay.Add(delivery.DeliveryId);
                _ = AttemptAsync(delivery);
            }

            // There may be more, so the organization gets another turn after the others.
            if (due.Count == limit && !_organizations.Contains(organization))
            {
                _organizations.Enqueue(organization);
            }
        }
    }

    private async Task AttemptAsync(DueDelivery delivery)
    {
        try
        {
            await Task.Yield();
            if (await desk.AttemptAsync(delivery) is { } result)
            {
                lock (_gate)
                {
                    health.Observe(result);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops; the lease runs out, and the attempt is repeated.
        }
        catch (Exception exception)
        {
            // The lane took no command. Whatever it was, what is due stays due, and what was claimed comes back with its lease.
            if (exception is not Fault)
            {
                desk.Logger.AttemptFailed(exception, delivery.DeliveryId.ToString());
            }

            lock (_gate)
            {
                _hasSetback = true;
            }
        }
        finally
        {
            lock (_gate)
            {
                _underWay.Remove(delivery.DeliveryId);
            }

            _changed.Give();
        }
    }

    private async Task QuietAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_underWay.Count == 0)
                {
                    return;
                }
            }

            await _changed.WaitAsync(CancellationToken.None);
        }
    }
}
