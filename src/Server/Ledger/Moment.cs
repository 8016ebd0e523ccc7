using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.Server.Ledger;

/// <summary>Moments as the ledger writes them: whole microseconds, never going backwards within one resource.</summary>
internal static class Moment
{
    public static Timestamp ToTimestamp(DateTimeOffset time) => Timestamp.FromDateTimeOffset(WholeMicroseconds(time));

    public static Timestamp Later(Timestamp one, Timestamp? other) => other is not null && other > one ? other : one;

    /// <summary>
    /// The column's value of an optional field. Finer parts stay in the body, and are cut off here as the column would, so that a row in
    /// memory and a row in the database compare alike.
    /// </summary>
    public static DateTimeOffset? ToColumn(Timestamp? timestamp) => timestamp is null ? null : WholeMicroseconds(timestamp.ToDateTimeOffset());

    private static DateTimeOffset WholeMicroseconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
