using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Resources.Leases;

/// <summary>How workers hold and lose work; the configuration section <c>Work</c>.</summary>
internal sealed class WorkOptions
{
    public const string Section = "Work";

    private const int DefaultExpiredLeases = 5;

    /// <summary>
    /// How many leases of one resource may expire. Then an agent task becomes BLOCKED, and a board task is not given out again, until a
    /// USER or a SERVICE changes it. Default: 5; range 1 to 1,000.
    /// </summary>
    [SettingRange("Work:ExpiredLeases", 1, 1000)]
    public int ExpiredLeases { get; set; } = DefaultExpiredLeases;
}
