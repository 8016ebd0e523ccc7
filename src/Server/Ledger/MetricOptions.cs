using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Ledger;

/// <summary>Metrics for which the server must read the database; the configuration section <c>Metrics</c>.</summary>
internal sealed class MetricOptions
{
    public const string Section = "Metrics";

    /// <summary>
    /// How often the server counts the resources of all organizations for the metric <c>taskgrpc.resources</c>, whatever the number of
    /// collections. A count walks through an index of each table: about 0.1 s of processor time for a million resources. With several
    /// replicas, set it on one. Default: none, the server does not count; range 1 minute to 1 day.
    /// </summary>
    [SettingRange("Metrics:ResourceInterval", "00:01:00", "1.00:00:00")]
    public TimeSpan? ResourceInterval { get; set; }
}
