using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.Server.Ledger;

/// <summary>Moments as the ledger writes them: whole microseconds, never going backwards within one resource.</summary>
internal static class Moment
{
    public static Timestamp ToTimestamp(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond);
        return Timestamp.FromDateTimeOffset(new DateTimeOffset(ticks, TimeSpan.Zero));
    }

    public static Timestamp Later(Timestamp one, Timestamp? other) => other is not null && other > one ? other : one;

    /// <summary>The column's value of an optional field; finer parts than the column keeps stay in the body.</summary>
    public static DateTimeOffset? ToColumn(Timestamp? timestamp)
    {
        if (timestamp is null)
        {
            return null;
        }

        // Cut off here as the column would, so that a row in memory and a row in the database compare alike.
        var moment = timestamp.ToDateTimeOffset();
        return new DateTimeOffset(moment.UtcTicks - (moment.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }
}
