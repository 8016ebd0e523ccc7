using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Watching;

/// <summary>The bounds of watches; the configuration section <c>Watch</c>.</summary>
internal sealed class WatchOptions
{
    public const string Section = "Watch";

    /// <summary>How many ids the contract allows.</summary>
    public const int ContractIds = 1000;

    /// <summary>How long a reader may accept nothing before its watch ends with SLOW_READER. Default: 30 s; range 100 ms to 10 min.</summary>
    [SettingRange("Watch:WriteTimeout", "00:00:00.1", "00:10:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The silence after which a watch sends a heartbeat, unless the request says otherwise. Default: 15 s; range 1 s to 10 min.</summary>
    [SettingRange("Watch:HeartbeatInterval", "00:00:01", "00:10:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How many bytes of recent changes are kept in memory for each organization that is being watched; where watches have filters, up to a few
    /// times that, for what the filters look at. Default: 4 MiB; range 64 KiB to 1 GiB.
    /// </summary>
    [SettingRange("Watch:RecentBytes", 64 * 1024, 1024 * 1024 * 1024)]
    public int RecentBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many watches may be open at once on this server before more are refused with WATCH_LIMIT. Default: 20,000; range 1 to 1,000,000.</summary>
    [SettingRange("Watch:MaxOpen", 1, 1_000_000)]
    public int MaxOpen { get; set; } = 20_000;

    /// <summary>How many of these may be of one organization. Default: 10,000; range 1 to 1,000,000.</summary>
    [SettingRange("Watch:MaxOpenPerOrganization", 1, 1_000_000)]
    public int MaxOpenPerOrganization { get; set; } = 10_000;

    /// <summary>How many of these may be of one caller, which is an actor of an organization. Default: 2,000; range 1 to 1,000,000.</summary>
    [SettingRange("Watch:MaxOpenPerCaller", 1, 1_000_000)]
    public int MaxOpenPerCaller { get; set; } = 2000;

    /// <summary>How many ids a watch or a page of changes may name. Default: 1,000; range 1 to 1,000, which is the contract's.</summary>
    [SettingRange("Watch:MaxIds", 1, ContractIds)]
    public int MaxIds { get; set; } = ContractIds;

    /// <summary>
    /// How long changes are kept in the log. With a retention, timelines begin at the oldest revision that is kept, and an older token or
    /// revision is REVISION_COMPACTED. Default: unset, for ever; range 1 second to 10 years.
    /// </summary>
    [SettingRange("Watch:Retention", "00:00:01", "3650.00:00:00")]
    public TimeSpan? Retention { get; set; }

    /// <summary>How often changes past their retention are removed, if one is set. Default: 1 minute; range 100 ms to 1 day.</summary>
    [SettingRange("Watch:CompactionInterval", "00:00:00.1", "1.00:00:00")]
    public TimeSpan CompactionInterval { get; set; } = TimeSpan.FromMinutes(1);
}
