namespace TaskGrpc.Server.Calls.Limits;

/// <summary>
/// Whether more than one organization calls this replica. One that is alone may have all of it; beside others it may not have what it would take from them.
/// </summary>
internal sealed class Neighbours(TimeProvider time)
{
    /// <summary>How long an organization that calls no more still counts.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    // Noted so often at most: beside others, nearly every call would write what every other one reads.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private volatile string? _last;
    private long _met = long.MinValue;

    /// <summary>Notes a call of an organization, and says whether another called lately.</summary>
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
