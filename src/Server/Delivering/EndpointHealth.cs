using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Delivering;

/// <summary>How an endpoint has answered of late, and what that means for how many attempts it gets at once, and when.</summary>
internal sealed class EndpointHealth(int concurrency, TimeProvider time)
{
    private const int MostDoublings = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private bool _isFailing;
    private int _overloads;
    private DateTimeOffset _pausedUntil;

    /// <summary>How many attempts may be under way. At an endpoint that fails it is one: it finds out whether the others need wait any longer.</summary>
    public int Concurrency => _isFailing ? 1 : concurrency;

    /// <summary>How long the endpoint is left alone; zero or less if it is not.</summary>
    public TimeSpan Pause => _pausedUntil - time.GetUtcNow();

    /// <summary>Takes notice of an attempt's end.</summary>
    public void Observe(AttemptResult result)
    {
        _isFailing = result.Outcome == AttemptOutcome.Retryable;
        if (!result.IsOverloaded)
        {
            _overloads = 0;
            return;
        }

        var pause = FirstPause * (1 << Math.Min(_overloads++, MostDoublings));
        var asked = result.RetryAfter ?? TimeSpan.Zero;
        _pausedUntil = time.GetUtcNow() + (asked > LongestPause ? LongestPause : asked > pause ? asked : pause);
    }
}
