namespace TaskGrpc.Testing;

/// <summary>
/// A clock that runs as the system's does and can be moved ahead. Nothing waits for a test to move it, so timeouts and back-off work as in
/// production. Thread-safe.
/// </summary>
public sealed class TestClock : TimeProvider
{
    private readonly Lock _gate = new();

    // A timer that is stopped or over is not in it, so it can be collected.
    private readonly HashSet<TestTimer> _running = [];
    private TimeSpan _ahead;

    /// <summary>How far the clock is ahead of the system's.</summary>
    public TimeSpan Ahead
    {
        get
        {
            lock (_gate)
            {
                return _ahead;
            }
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => System.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;

    /// <inheritdoc/>
    public override long GetTimestamp() => System.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new TestTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>
    /// Moves the clock ahead and starts what has become due, on the thread pool; a periodic timer fires once. It does not wait for what it
    /// has started. Calls that are under way meet their deadlines if these have passed.
    /// </summary>
    /// <param name="by">How far; zero or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative: the clock never goes back.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (_gate)
        {
            _ahead += by;
            foreach (var timer in _running)
            {
                timer.WaitForRest();
            }
        }
    }

    /// <summary>One timer. The system's timer below it waits once, for the time that is left.</summary>
    private sealed class TestTimer : ITimer
    {
        private readonly TestClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _rest;
        private TimeSpan _period;
        private TimeSpan _due;
        private bool _isDisposed;

        public TestTimer(TestClock clock, TimerCallback callback, object? state)
        {
            (_clock, _callback, _state) = (clock, callback, state);
            _rest = System.CreateTimer(
                static timer => ((TestTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        /// <summary>The clock's time since the machine's start, which no correction of the system's time changes.</summary>
        private TimeSpan Now => System.GetElapsedTime(0) + _clock._ahead;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_clock._gate)
            {
                if (_isDisposed)
                {
                    return false;
                }

                // The system's timer checks both values. Arm sets it anew.
                _rest.Change(dueTime, period);
                _period = period == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : period;
                Arm(dueTime);
                return true;
            }
        }

        /// <summary>Waits for the time that is left. The clock is locked.</summary>
        public void WaitForRest()
        {
            // Rounded up: the system's timer drops fractions of a millisecond, and would fire before the time.
            var left = Math.Max(0, Math.Ceiling((_due - Now).TotalMilliseconds));
            _rest.Change(TimeSpan.FromMilliseconds(left), Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            lock (_clock._gate)
            {
                _isDisposed = true;
                Arm(Timeout.InfiniteTimeSpan);
            }

            _rest.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Arm(TimeSpan dueTime)
        {
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                _clock._running.Remove(this);
                _rest.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return;
            }

            _due = Now + dueTime;
            _clock._running.Add(this);
            WaitForRest();
        }

        private void Fire()
        {
            lock (_clock._gate)
            {
                if (!_clock._running.Contains(this))
                {
                    // Stopped, or started by an Advance, after the system's timer had fired.
                    return;
                }

                if (_due > Now)
                {
                    // Changed after the system's timer had fired.
                    WaitForRest();
                    return;
                }

                Arm(_period);
            }

            _callback(_state);
        }
    }
}
