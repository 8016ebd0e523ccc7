namespace TaskGrpc.Server.Calls.Limits;

/// <summary>
/// Whether more than one organization calls this replica. A single organization may use all of it; with others, each has a lower limit.
/// </summary>
internal sealed class Neighbours(TimeProvider time)
{
    /// <summary>How long an organization counts after its last call.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    // The shortest time between two writes: otherwise nearly every call would write a field that every other call reads.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private volatile string? _last;
    private long _met = long.MinValue;

    /// <summary>Records a call of an organization; true if another organization called lately.</summary>
    public bool Note(string organizationId)
    {
        var (now, met) = (time.GetTimestamp(), Volatile.Read(ref _met));
        var known = met != long.MinValue;
        if (known && time.GetElapsedTime(met, now) < Fresh)
        {
            return true;
        }

        var last = _last;
        if (last != organizationId)
        {
            _last = organizationId;
            if (last is not null)
            {
                Volatile.Write(ref _met, now);
                return true;
            }
        }

        return known && time.GetElapsedTime(met, now) < Memory;
    }
}
