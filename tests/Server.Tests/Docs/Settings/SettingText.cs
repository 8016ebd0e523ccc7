using System.Globalization;

namespace TaskGrpc.Server.Tests.Docs.Settings;

/// <summary>How pages and comments write values ('10,000', '4 MiB', '30 seconds'), and how an operator sets them.</summary>
internal static class SettingText
{
    private static readonly (TimeSpan Length, string Name)[] Times =
    [
        (TimeSpan.FromDays(365), "year"), (TimeSpan.FromDays(1), "day"), (TimeSpan.FromHours(1), "hour"),
        (TimeSpan.FromMinutes(1), "minute"), (TimeSpan.FromSeconds(1), "second"),
    ];

    private static readonly (long Size, string Name)[] Sizes = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];

    /// <summary>The value in words.</summary>
    public static string InWords(object value, bool isBytes) => value switch
    {
        TimeSpan time => TimeInWords(time),
        bool flag => flag ? "true" : "false",
        int or long when isBytes => BytesInWords(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        int or long => string.Format(CultureInfo.InvariantCulture, "{0:N0}", value),
        _ => value.ToString()!,
    };

    /// <summary>The value as an operator sets it.</summary>
    public static string AsSet(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string TimeInWords(TimeSpan time)
    {
        if (time == TimeSpan.Zero)
        {
            return "0";
        }

        var (length, name) = Times.FirstOrDefault(unit => time.Ticks % unit.Length.Ticks == 0);
        return name is null ? $"{time.TotalMilliseconds} ms" : $"{time / length} {name}{(time == length ? "" : "s")}";
    }

    private static string BytesInWords(long bytes)
    {
        var (size, name) = Sizes.First(unit => bytes % unit.Size == 0);
        return $"{bytes / size} {name}";
    }
}
