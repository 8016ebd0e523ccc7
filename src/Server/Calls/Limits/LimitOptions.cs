using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Calls.Limits;

/// <summary>What callers may make the server hold and do; the configuration section <c>Limits</c>. Those of watches stand in <c>Watch</c>, those of waiting commands in <c>Storage</c>.</summary>
internal sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>The largest request in bytes. Default: 4 MiB; range 64 KiB to 16 MiB, which is what may wait of one organization by default.</summary>
    [SettingRange("Limits:RequestBytes", 64 * 1024, 16 * 1024 * 1024)]
    public int RequestBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many entries of metadata a call may bring, the transport's own headers included.</summary>
    public const int MetadataEntries = 100;

    /// <summary>What each entry costs beside its text, as HTTP/2 counts (RFC 9113, section 6.5.2).</summary>
    public const int MetadataOverhead = 32;

    /// <summary>How far <see cref="StreamsPerConnection"/> is at least above the watches of a caller, so that there is room for calls.</summary>
    public const int StreamsBesideWatches = 100;

    /// <summary>
    /// How many bytes of metadata a call may bring, counted as HTTP/2 does, with 32 bytes for each entry; a call with more is refused. A call
    /// with more than four times as much may cost its connection. Default: 32 KiB; range 4 KiB to 1 MiB.
    /// </summary>
    [SettingRange("Limits:MetadataBytes", 4 * 1024, 1024 * 1024)]
    public int MetadataBytes { get; set; } = 32 * 1024;

    /// <summary>How many connections may stand at once; more are closed as they come. Default: 10,000; range 1 to 1,000,000.</summary>
    [SettingRange("Limits:Connections", 1, 1_000_000)]
    public int Connections { get; set; } = 10_000;

    /// <summary>
    /// How many calls and watches may be open on one connection; a client keeps more to itself until one ends. At least
    /// <see cref="StreamsBesideWatches"/> above Watch:MaxOpenPerCaller. Default: twice Watch:MaxOpenPerCaller; range 1 to 2,000,000.
    /// </summary>
    [SettingRange("Limits:StreamsPerConnection", 1, 2_000_000)]
    public int? StreamsPerConnection { get; set; }

    /// <summary>For how long a connection may stand without a call, or without a word at its begin, before it is closed. Default: 2 minutes; range 1 s to 1 hour.</summary>
    [SettingRange("Limits:IdleConnection", "00:00:01", "01:00:00")]
    public TimeSpan IdleConnection { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest that a call other than a watch may take, whatever deadline it brings; a ListChanges that waits is one too. Default: 5 minutes; range 1 s to 1 hour.</summary>
    [SettingRange("Limits:LongestCall", "00:00:01", "01:00:00")]
    public TimeSpan LongestCall { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many streams that need no identity, health's Watch and reflection, may be open on this server. Default: 1,000; range 1 to 100,000.</summary>
    [SettingRange("Limits:UnidentifiedStreams", 1, 100_000)]
    public int UnidentifiedStreams { get; set; } = 1000;

    /// <summary>How many of them may be open from one address, so that one stranger cannot have them all. Default: 100; range 1 to 100,000.</summary>
    [SettingRange("Limits:UnidentifiedStreamsPerAddress", 1, 100_000)]
    public int UnidentifiedStreamsPerAddress { get; set; } = 100;

    /// <summary>
    /// How many calls an organization may make in a second, on this replica, before more are refused with RATE_LIMITED; it may save up as many
    /// for a burst. 0 for no limit. Default: 10,000; range 0 to 10,000,000.
    /// </summary>
    [SettingRange("Limits:RequestsPerSecond", 0, 10_000_000)]
    public int RequestsPerSecond { get; set; } = 10_000;

    /// <summary>
    /// The same while other organizations call this replica too, or did in the last 10 seconds: what one that floods it may take from them.
    /// 0 for no other limit than when it is alone. Default: 1,000; range 0 to 10,000,000.
    /// </summary>
    [SettingRange("Limits:RequestsPerSecondBesideOthers", 0, 10_000_000)]
    public int RequestsPerSecondBesideOthers { get; set; } = 1000;

    /// <summary>What is said of a call that brings more metadata.</summary>
    public string TooMuchMetadata =>
        $"The call's metadata is more than {MetadataBytes} bytes or {MetadataEntries} entries. Send less, or shorter tokens.";

    /// <summary>Why the start is refused if <see cref="HasRoomBesideWatches"/> says no.</summary>
    public static string NoRoomBesideWatches { get; } =
        $"Limits:StreamsPerConnection must be at least {StreamsBesideWatches} above Watch:MaxOpenPerCaller: "
        + "a connection full of watches must have room for calls. Raise the one, or lower the other.";

    /// <summary>Whether a connection that has all the watches of a caller still has room for calls.</summary>
    public static bool HasRoomBesideWatches(LimitOptions limits, IOptions<WatchOptions> watches) =>
        (limits.StreamsPerConnection ?? int.MaxValue) - StreamsBesideWatches >= watches.Value.MaxOpenPerCaller;
}
