namespace TaskGrpc.Server.Storage;

/// <summary>
/// Times between attempts that double up to a bound. Each is drawn between half of it and the whole, so that replicas do not come back
/// together. Not thread-safe.
/// </summary>
/// <param name="first">The first time.</param>
/// <param name="most">The bound.</param>
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
