using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.Server.Ledger;

/// <summary>Times as the ledger writes them: whole microseconds, never going backwards within one resource.</summary>
internal static class Moment
{
    private const int NanosecondsPerMicrosecond = 1000;

    public static Timestamp ToTimestamp(DateTimeOffset time) => Timestamp.FromDateTimeOffset(WholeMicroseconds(time));

    public static Timestamp Later(Timestamp one, Timestamp? other) => other is not null && other > one ? other : one;

    /// <summary>
    /// A sent timestamp as it is stored: cut towards the past, before 1970 too, because nanoseconds always count forwards.
    /// </summary>
    public static Timestamp Cut(Timestamp sent) =>
        sent.Nanos % NanosecondsPerMicrosecond == 0
            ? sent : new Timestamp { Seconds = sent.Seconds, Nanos = sent.Nanos - (sent.Nanos % NanosecondsPerMicrosecond) };

    /// <summary>
    /// The column's value of an optional field. Bodies of older releases may have nanoseconds. They are cut off here, as the column does,
    /// so that rows in memory and in the database compare alike.
    /// </summary>
    public static DateTimeOffset? ToColumn(Timestamp? timestamp) =>
        timestamp is null ? null : WholeMicroseconds(timestamp.ToDateTimeOffset());

    private static DateTimeOffset WholeMicroseconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
