namespace TaskGrpc.Server.Storage;

/// <summary>
/// Pauses between attempts that double up to a bound. Each is a random part of that, at least half, so that replicas do not retry
/// together. Not thread-safe.
/// </summary>
/// <param name="first">The first pause.</param>
/// <param name="most">The longest pause.</param>
internal sealed class BackOff(TimeSpan first, TimeSpan most)
{
    private int _attempts;

    public TimeSpan Next()
    {
        var time = first * (1 << Math.Min(_attempts++, 20));
        return (time < most ? time : most) * (0.5 + Random.Shared.NextDouble() / 2);
    }

    public void Reset() => _attempts = 0;
}
