using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources.Requests;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Changes;

/// <summary>What a watch and a page of changes may ask for.</summary>
internal static class WatchRules
{
    private const int ShortestHeartbeat = 1;
    private const int LongestHeartbeat = 600;

    /// <exception cref="Fault">INVALID_FIELD, INVALID_FILTER.</exception>
    public static void Check(WatchRequest request)
    {
        var violations = Checked(request, request.Filter);
        if (request.HeartbeatInterval is { } interval && !IsHeartbeat(interval))
        {
            violations.Add("heartbeat_interval", "must be between 1s and 600s");
        }

        Unsupported(request.Snapshot, "snapshot", violations);
        Unsupported(request.StopWhenTerminal, "stop_when_terminal", violations);
        violations.ThrowIfAny();
    }

    /// <exception cref="Fault">INVALID_FIELD, INVALID_FILTER.</exception>
    public static void Check(ListChangesRequest request)
    {
        var violations = Checked(request, request.Filter);
        RequestCheck.CheckPageSize(request.PageSize, violations);
        if (request.HasAfterRevision && request.AfterRevision < 0)
        {
            violations.Add("after_revision", "must not be negative; 0 starts at revision 1");
        }

        Unsupported(request.Wait is not null, "wait", violations);
        violations.ThrowIfAny();
    }

    private static Violations Checked(IMessage request, string filter)
    {
        var violations = new Violations();
        MessageCheck.Check(request, "", violations);
        return filter.Length == 0 ? violations : throw Filters.NotYet();
    }

    private static bool IsHeartbeat(Duration interval) =>
        interval.Nanos >= 0 && (interval.Seconds is >= ShortestHeartbeat and < LongestHeartbeat || interval is { Seconds: LongestHeartbeat, Nanos: 0 });

    private static void Unsupported(bool isAsked, string field, Violations violations)
    {
        if (isAsked)
        {
            violations.Add(field, "is not supported by this release; leave it unset");
        }
    }
}
