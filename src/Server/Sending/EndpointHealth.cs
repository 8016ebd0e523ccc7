using TaskGrpc.Server.Resources.Deliveries;

namespace TaskGrpc.Server.Sending;

/// <summary>How an endpoint has answered of late, and what that means for how many attempts it gets at once, and when. Not thread-safe.</summary>
internal sealed class EndpointHealth(int concurrency, TimeProvider time)
{
    private const int MostDoublings = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private bool _isDown;
    private int _overloads;
    private long _pausedAt;
    private TimeSpan _pause;

    /// <summary>How many attempts may be under way. At an endpoint that is down it is one: it finds out whether the others need wait any longer.</summary>
    public int Concurrency => _isDown ? 1 : concurrency;

    /// <summary>How much longer the endpoint is left alone; zero or less if it is not.</summary>
    public TimeSpan Pause => _pause - time.GetElapsedTime(_pausedAt);

    /// <summary>Whether there is nothing to remember.</summary>
    public bool IsGood => !_isDown && Pause <= TimeSpan.Zero;

    /// <summary>Takes notice of an attempt's end.</summary>
    public void Observe(AttemptResult result)
    {
        _isDown = result.IsUp is { } isUp ? !isUp : _isDown;
        if (!result.IsOverloaded)
        {
            _overloads = 0;
            return;
        }

        // Those that were under way together double once, and shorten nothing.
        var left = Pause;
        var own = left > TimeSpan.Zero ? left : FirstPause * (1 << Math.Min(_overloads++, MostDoublings));
        var asked = result.RetryAfter ?? TimeSpan.Zero;
        (_pausedAt, _pause) = (time.GetTimestamp(), asked > LongestPause ? LongestPause : asked > own ? asked : own);
    }
}
