using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>The refusal of calls that a paused monitor task does not accept.</summary>
internal static class MonitorTaskPaused
{
    public static Fault Of(string taskId) =>
        Fault.Precondition(
            ErrorReason.MonitorTaskPaused,
            $"MonitorTask/{taskId}",
            $"The monitor task '{taskId}' is paused: it accepts no trigger and delivers nothing. Resume it first with ResumeMonitorTask.");
}
