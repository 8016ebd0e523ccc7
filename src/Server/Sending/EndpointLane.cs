using System.Data.Common;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Sending;

/// <summary>
/// An organization's attempts at one endpoint, a few at a time. It runs while something is due, and waits only for its own endpoint.
/// Organizations share no health of an endpoint.
/// </summary>
internal sealed class EndpointLane(string organizationId, string endpoint, EndpointHealth health, DeliveryDesk desk)
{
    /// <summary>The pause after a failure of the store or a full lane, because an immediate retry would fail, too.</summary>
    private static readonly TimeSpan Setback = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<Guid> _underWay = [];
    private readonly Nudge _changed = new();
    private bool _isRunning;
    private bool _mayHaveMore;
    private bool _hasSetback;
    private bool _isStillUnderWay;

    /// <summary>Whether the dispatcher can forget this lane: nothing runs, and the endpoint is up and not paused.</summary>
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

    /// <summary>Tells the lane that something is due; true if the dispatcher must run it.</summary>
    public bool Offer()
    {
        lock (_gate)
        {
            _mayHaveMore = true;
            _changed.Give();
            return !_isRunning && (_isRunning = true);
        }
    }

    /// <summary>Makes attempts until nothing is due.</summary>
    /// <param name="stopping">Starts no more attempts, and waits for the running ones.</param>
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
            // A bug must not stop the endpoint's alerts for ever: the next offer runs the lane again.
            desk.Logger.ScheduleUnreadable(exception);
            lock (_gate)
            {
                _isRunning = false;
            }
        }
    }

    /// <summary>Waits until there may be a due delivery and room for its attempt; false when nothing is left to do.</summary>
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
        // Read the pause again after each wait: attempts that ended meanwhile may have made it longer.
        while (desk.Time.GetTimestamp() is var asked && NextPause() is var pause && pause > TimeSpan.Zero)
        {
            var over = Task.Delay(pause, desk.Time, stopping);
            // The delay does not end if the clock was set forward before the delay began.
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
            // Read running ones too: they stay due until their claim is committed.
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

    private void Start(List<DueResource> due, int limit, CancellationToken stopping)
    {
        lock (_gate)
        {
            var room = limit - _underWay.Count;
            var fresh = due.Where(delivery => !_underWay.Contains(delivery.Id)).ToArray();
            foreach (var delivery in fresh.Take(room))
            {
                _underWay.Add(delivery.Id);
                _ = AttemptAsync(delivery, stopping);
            }

            // An attempt that is reported but has not ended here yet may be due again.
            _isStillUnderWay = fresh.Length < due.Count;
            // A full page may have more after it. After a shorter one, later deliveries are offered.
            _mayHaveMore |= due.Count == limit || fresh.Length > room;
        }
    }

    private async Task AttemptAsync(DueResource delivery, CancellationToken stopping)
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
            // The server stops; the attempt is repeated after its lease.
        }
        catch (Exception exception)
        {
            // The lane accepted no command: the delivery stays due, or is repeated after its lease.
            if (exception is not Fault)
            {
                desk.Logger.AttemptFailed(exception, delivery.Id.ToString());
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
                _underWay.Remove(delivery.Id);
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
