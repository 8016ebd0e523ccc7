using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Calls.Limits;

/// <summary>
/// The limits of calls and connections; the configuration section <c>Limits</c>. The limits of watches are in <c>Watch</c>, those of
/// waiting commands in <c>Storage</c>.
/// </summary>
internal sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>
    /// The largest request in bytes, decompressed. The server refuses a larger one with <c>RESOURCE_EXHAUSTED</c>. Default: 4 MiB; range
    /// 64 KiB to 16 MiB.
    /// </summary>
    [SettingRange("Limits:RequestBytes", 64 * 1024, 16 * 1024 * 1024)]
    public int RequestBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>The most metadata entries of a call, the transport's own headers included.</summary>
    public const int MetadataEntries = 100;

    /// <summary>The bytes that each entry counts in addition to its text, as in HTTP/2 (RFC 9113, section 6.5.2).</summary>
    public const int MetadataOverhead = 32;

    /// <summary>How far <see cref="StreamsPerConnection"/> must exceed the watches of a caller, so that there is room for calls.</summary>
    public const int StreamsBesideWatches = 100;

    /// <summary>
    /// The most bytes of a call's metadata, with <see cref="MetadataOverhead"/> bytes added for each entry, as HTTP/2 counts. The server
    /// refuses a call with more. A call with more than four times as much may end its connection. Default: 32 KiB; range 4 KiB to 1 MiB.
    /// </summary>
    [SettingRange("Limits:MetadataBytes", 4 * 1024, 1024 * 1024)]
    public int MetadataBytes { get; set; } = 32 * 1024;

    /// <summary>The most open connections. The server closes further ones at once. Default: 10,000; range 1 to 1,000,000.</summary>
    [SettingRange("Limits:Connections", 1, 1_000_000)]
    public int Connections { get; set; } = 10_000;

    /// <summary>
    /// The most open calls and watches on one connection. Clients queue further ones until one ends. It must exceed
    /// <c>Watch:MaxOpenPerCaller</c> by <see cref="StreamsBesideWatches"/> or more. Default: twice <c>Watch:MaxOpenPerCaller</c>; range 1
    /// to 2,000,000.
    /// </summary>
    [SettingRange("Limits:StreamsPerConnection", 1, 2_000_000)]
    public int? StreamsPerConnection { get; set; }

    /// <summary>
    /// How long a connection may have no open call, or send nothing after it is opened. After that, the server closes it. Default: 2
    /// minutes; range 1 second to 1 hour.
    /// </summary>
    [SettingRange("Limits:IdleConnection", "00:00:01", "01:00:00")]
    public TimeSpan IdleConnection { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long a call may take, even if its deadline is later. After that, it ends with <c>DEADLINE_EXCEEDED</c>. It applies to a waiting
    /// <c>ListChanges</c>, but not to a watch or a Get. Default: 5 minutes; range 1 second to 1 hour.
    /// </summary>
    [SettingRange("Limits:LongestCall", "00:00:01", "01:00:00")]
    public TimeSpan LongestCall { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a <c>Count</c> may take, even if its deadline is later. Then it ends with <c>DEADLINE_EXCEEDED</c>. Default: 5 seconds;
    /// range 100 ms to 5 minutes. On PostgreSQL keep it below <c>Storage:StatementTimeout</c>, which otherwise ends the count first, with
    /// <c>STORAGE_UNAVAILABLE</c>.
    /// </summary>
    [SettingRange("Limits:CountTime", "00:00:00.1", "00:05:00")]
    public TimeSpan CountTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many streams that need no identity (health's <c>Watch</c> and reflection) may be open on this server. The server refuses more
    /// with <c>WATCH_LIMIT</c>. Default: 1,000; range 1 to 100,000.
    /// </summary>
    [SettingRange("Limits:UnidentifiedStreams", 1, 100_000)]
    public int UnidentifiedStreams { get; set; } = 1000;

    /// <summary>
    /// The most of these streams from one IPv4 address or one /64 network of IPv6. The server refuses further ones with
    /// <c>WATCH_LIMIT</c>. Default: 100; range 1 to 100,000.
    /// </summary>
    [SettingRange("Limits:UnidentifiedStreamsPerAddress", 1, 100_000)]
    public int UnidentifiedStreamsPerAddress { get; set; } = 100;

    /// <summary>
    /// The most calls a second of an organization on this server. After a second without calls, it may make as many at once. The server
    /// refuses further ones with <c>RATE_LIMITED</c>. 0 means no limit. Default: 10,000; range 0 to 10,000,000.
    /// </summary>
    [SettingRange("Limits:RequestsPerSecond", 0, 10_000_000)]
    public int RequestsPerSecond { get; set; } = 10_000;

    /// <summary>
    /// The most calls a second of an organization on this server if another organization has called it within 10 seconds. 0 means that
    /// only <see cref="RequestsPerSecond"/> counts. Default: 1,000; range 0 to 10,000,000.
    /// </summary>
    [SettingRange("Limits:RequestsPerSecondBesideOthers", 0, 10_000_000)]
    public int RequestsPerSecondBesideOthers { get; set; } = 1000;

    /// <param name="entries">The number of entries.</param>
    /// <param name="bytes">Their size, with <see cref="MetadataOverhead"/> for each.</param>
    public bool IsTooMuchMetadata(int entries, int bytes) => entries > MetadataEntries || bytes > MetadataBytes;

    public string TooMuchMetadata =>
        $"The call's metadata exceeds {MetadataBytes} bytes or {MetadataEntries} entries. Send less metadata or a shorter token.";

    public static string NoRoomBesideWatches { get; } =
        $"Limits:StreamsPerConnection must exceed Watch:MaxOpenPerCaller by at least {StreamsBesideWatches}: "
        + "a connection full of watches needs room for calls. Raise the first or lower the second.";

    /// <summary>Whether a connection with all the watches of a caller still has room for calls.</summary>
    public static bool HasRoomBesideWatches(LimitOptions limits, IOptions<WatchOptions> watches) =>
        (limits.StreamsPerConnection ?? int.MaxValue) - StreamsBesideWatches >= watches.Value.MaxOpenPerCaller;
}
