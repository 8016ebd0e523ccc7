using System.Data.Common;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Sending;

/// <summary>
/// An organization's attempts at one endpoint, a few at a time. It runs while something is due, and waits for nobody but its own
/// endpoint: what one organization meets there tells nothing to another.
/// </summary>
internal sealed class EndpointLane(string organizationId, string endpoint, EndpointHealth health, DeliveryDesk desk)
{
    /// <summary>After a failure of the store or a full lane nothing else would go better at once.</summary>
    private static readonly TimeSpan Setback = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<Guid> _underWay = [];
    private readonly Nudge _changed = new();
    private bool _isRunning;
    private bool _mayHaveMore;
    private bool _hasSetback;
    private bool _isStillUnderWay;

    /// <summary>Whether it can be forgotten: nothing runs, and nothing need be remembered.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return !_isRunning && health.IsGood;
            }
        }
    }

    /// <summary>Tells the lane that something is due; true if somebody must run it for that.</summary>
    public bool Offer()
    {
        lock (_gate)
        {
            _mayHaveMore = true;
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
            while (await HasRoomAsync(stopping))
            {
                await StartDueAsync(stopping);
            }
        }
        catch (OperationCanceledException)
        {
            await QuietAsync();
        }
        catch (Exception exception)
        {
            // A mistake of ours must not keep the endpoint from its alerts for ever: whoever offers next runs it again.
            desk.Logger.ScheduleUnreadable(exception);
            lock (_gate)
            {
                _isRunning = false;
            }
        }
    }

    /// <summary>Waits until there may be something to begin and room for it; false when there is nothing left to do.</summary>
    private async Task<bool> HasRoomAsync(CancellationToken stopping)
    {
        while (true)
        {
            await PauseAsync(stopping);
            lock (_gate)
            {
                if (_mayHaveMore && _underWay.Count < health.Concurrency)
                {
                    return true;
                }

                if (!_mayHaveMore && _underWay.Count == 0)
                {
                    _isRunning = false;
                    return false;
                }
            }

            await _changed.WaitAsync(stopping);
        }
    }

    private async Task PauseAsync(CancellationToken stopping)
    {
        // Asked again after each wait: attempts that ended meanwhile may have made the pause longer.
        while (desk.Time.GetTimestamp() is var asked && NextPause() is var pause && pause > TimeSpan.Zero)
        {
            var over = Task.Delay(pause, desk.Time, stopping);
            // Set forward before the delay began, the clock would not end it.
            if (desk.Time.GetElapsedTime(asked) < pause)
            {
                await over;
            }
        }
    }

    private TimeSpan NextPause()
    {
        lock (_gate)
        {
            var pause = _hasSetback && health.Pause < Setback ? Setback : health.Pause;
            _hasSetback = false;
            return pause;
        }
    }

    private async Task StartDueAsync(CancellationToken stopping)
    {
        int limit;
        lock (_gate)
        {
            // Those under way too, since those whose claim has not been committed yet are due still.
            limit = health.Concurrency;
            _mayHaveMore = false;
        }

        try
        {
            Start(await desk.DueAsync(organizationId, endpoint, limit, stopping), limit, stopping);
        }
        catch (DbException exception)
        {
            desk.Outages.Failed(StorageFailures.Classify(exception), exception);
            lock (_gate)
            {
                (_hasSetback, _mayHaveMore) = (true, true);
            }
        }
    }

    private void Start(List<DueDelivery> due, int limit, CancellationToken stopping)
    {
        lock (_gate)
        {
            var room = limit - _underWay.Count;
            var fresh = due.Where(delivery => !_underWay.Contains(delivery.DeliveryId)).ToArray();
            foreach (var delivery in fresh.Take(room))
            {
                _underWay.Add(delivery.DeliveryId);
                _ = AttemptAsync(delivery, stopping);
            }

            // An attempt that has been reported and has not ended here yet may be due once more.
            _isStillUnderWay = fresh.Length < due.Count;
            // As many as were asked for: there may be more behind them. Fewer, and what comes later is offered.
            _mayHaveMore |= due.Count == limit || fresh.Length > room;
        }
    }

    private async Task AttemptAsync(DueDelivery delivery, CancellationToken stopping)
    {
        try
        {
            await Task.Yield();
            if (await desk.AttemptAsync(delivery, endpoint, stopping) is { } result)
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
                (_hasSetback, _mayHaveMore) = (true, true);
            }
        }
        finally
        {
            lock (_gate)
            {
                _underWay.Remove(delivery.DeliveryId);
                _mayHaveMore |= _isStillUnderWay;
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
