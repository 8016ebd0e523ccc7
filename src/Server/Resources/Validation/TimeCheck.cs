using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Resources.Validation;

/// <summary>Checks timestamps and durations: Protobuf parses them with any numbers.</summary>
internal static class TimeCheck
{
    // The bounds of timestamp.proto: years 1 to 9999.
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;
    private const int LastNanosecond = 999_999_999;

    public static void Check(Timestamp timestamp, string path, Violations violations)
    {
        if (timestamp.Seconds is < FirstSecond or > LastSecond || timestamp.Nanos is < 0 or > LastNanosecond)
        {
            violations.Add(path, "must be between the years 1 and 9999, with 0 to 999999999 nanoseconds");
        }
    }

    /// <summary>A time that something waits for, null if it has passed.</summary>
    public static Timestamp? StillAhead(Timestamp? time, Timestamp at) => time is not null && time > at ? time : null;

    public static void Check(Duration duration, string path, Violations violations)
    {
        if (!IsSound(duration))
        {
            violations.Add(path, "must be a valid duration: at most 10,000 years, with seconds and nanoseconds of the same sign");
        }
    }

    /// <summary>Whether a duration can be compared at all.</summary>
    public static bool IsSound(Duration duration) =>
        duration.Seconds is >= -Duration.MaxSeconds and <= Duration.MaxSeconds && Math.Abs((long)duration.Nanos) <= LastNanosecond
            && Math.Sign(duration.Seconds) * Math.Sign(duration.Nanos) >= 0;
}
