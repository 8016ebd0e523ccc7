using TaskGrpc.Server.Resources.Deliveries;

namespace TaskGrpc.Server.Sending;

/// <summary>How an endpoint answered lately; it decides how many attempts it gets at once, and when. Not thread-safe.</summary>
internal sealed class EndpointHealth(int concurrency, TimeProvider time)
{
    private const int MostDoublings = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private bool _isDown;
    private int _overloads;
    private long _pausedAt;
    private TimeSpan _pause;

    /// <summary>How many attempts may run. At an endpoint that is down, one: it finds out when the endpoint is up again.</summary>
    public int Concurrency => _isDown ? 1 : concurrency;

    /// <summary>How much longer to pause before the next attempt; zero or less for no pause.</summary>
    public TimeSpan Pause => _pause - time.GetElapsedTime(_pausedAt);

    /// <summary>Whether the endpoint is up and not paused.</summary>
    public bool IsGood => !_isDown && Pause <= TimeSpan.Zero;

    /// <summary>Records the result of an attempt.</summary>
    public void Observe(AttemptResult result)
    {
        _isDown = result.IsUp is { } isUp ? !isUp : _isDown;
        if (!result.IsOverloaded)
        {
            _overloads = 0;
            return;
        }

        // Attempts that ran together double the pause once, and never shorten it.
        var left = Pause;
        var own = left > TimeSpan.Zero ? left : FirstPause * (1 << Math.Min(_overloads++, MostDoublings));
        var asked = result.RetryAfter ?? TimeSpan.Zero;
        (_pausedAt, _pause) = (time.GetTimestamp(), asked > LongestPause ? LongestPause : asked > own ? asked : own);
    }
}
