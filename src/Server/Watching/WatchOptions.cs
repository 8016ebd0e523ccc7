using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Watching;

/// <summary>The limits of watches, and of the log that they read; the configuration section <c>Watch</c>.</summary>
internal sealed class WatchOptions
{
    public const string Section = "Watch";

    /// <summary>The most ids that the contract allows.</summary>
    public const int ContractIds = 1000;

    /// <summary>
    /// How long a reader may accept nothing. Then its watch ends with <c>SLOW_READER</c>. Default: 30 seconds; range 100 ms to 10 minutes.
    /// </summary>
    [SettingRange("Watch:WriteTimeout", "00:00:00.1", "00:10:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a watch may send nothing before it sends a heartbeat. A request may name another interval. Default: 15 seconds; range 1
    /// second to 10 minutes.
    /// </summary>
    [SettingRange("Watch:HeartbeatInterval", "00:00:01", "00:10:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How many bytes of recent changes the server keeps in memory for each watched organization. Filters need a few times that, for the
    /// fields that they compare. A watch that is further behind reads the database. Default: 4 MiB; range 64 KiB to 1 GiB.
    /// </summary>
    [SettingRange("Watch:RecentBytes", 64 * 1024, 1024 * 1024 * 1024)]
    public int RecentBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// How many watches may be open on this server. The server refuses more with <c>WATCH_LIMIT</c>. Default: 20,000; range 1 to
    /// 1,000,000.
    /// </summary>
    [SettingRange("Watch:MaxOpen", 1, 1_000_000)]
    public int MaxOpen { get; set; } = 20_000;

    /// <summary>
    /// How many watches one organization may have open on this server. The server refuses more with <c>WATCH_LIMIT</c>. Default: 10,000;
    /// range 1 to 1,000,000.
    /// </summary>
    [SettingRange("Watch:MaxOpenPerOrganization", 1, 1_000_000)]
    public int MaxOpenPerOrganization { get; set; } = 10_000;

    /// <summary>
    /// How many watches one caller, an actor of an organization, may have open on this server. The server refuses more with
    /// <c>WATCH_LIMIT</c>. Default: 2,000; range 1 to 1,000,000.
    /// </summary>
    [SettingRange("Watch:MaxOpenPerCaller", 1, 1_000_000)]
    public int MaxOpenPerCaller { get; set; } = 2000;

    /// <summary>
    /// How many ids a watch or a page of changes may name. The server refuses more with <c>INVALID_FIELD</c>. Default: 1,000; range 1 to
    /// 1,000. The contract allows no more.
    /// </summary>
    [SettingRange("Watch:MaxIds", 1, ContractIds)]
    public int MaxIds { get; set; } = ContractIds;

    /// <summary>
    /// How long the log keeps changes. With a retention, timelines begin at the oldest revision that the log still has, and the server
    /// refuses an older token or revision with <c>REVISION_COMPACTED</c>. Default: none, the log keeps everything; range 1 second to 10
    /// years.
    /// </summary>
    [SettingRange("Watch:Retention", "00:00:01", "3650.00:00:00")]
    public TimeSpan? Retention { get; set; }

    /// <summary>
    /// How often the server removes changes that are older than <see cref="Retention"/>, if that is set. Default: 1 minute; range 100 ms
    /// to 1 day.
    /// </summary>
    [SettingRange("Watch:CompactionInterval", "00:00:00.1", "1.00:00:00")]
    public TimeSpan CompactionInterval { get; set; } = TimeSpan.FromMinutes(1);
}
