using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>The refusal of what a paused monitor task does not do.</summary>
internal static class MonitorTaskPaused
{
    public static Fault Of(string taskId) =>
        Fault.Precondition(ErrorReason.MonitorTaskPaused, $"MonitorTask/{taskId}", $"The monitor task '{taskId}' is paused: it is not triggered, and nothing of it is delivered. Resume it first with ResumeMonitorTask.");
}
