using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Changes;

internal static class WatchRules
{
    private const int ShortestHeartbeat = 1;
    private const int LongestHeartbeat = 600;
    private const int LongestWait = 60;

    /// <exception cref="Fault">INVALID_FIELD.</exception>
    public static void Check(WatchRequest request, int mostIds)
    {
        var violations = Checked(request, request.Kinds, request.Ids, mostIds, request.Filter);
        if (request.HeartbeatInterval is { } interval && !IsWithin(interval, ShortestHeartbeat, LongestHeartbeat))
        {
            violations.Add("heartbeat_interval", "must be between 1s and 600s");
        }

        if (request.Snapshot && request.StartCase != WatchRequest.StartOneofCase.None)
        {
            violations.Add("snapshot", "cannot be combined with after_revision or resume_token; send one of the three");
        }

        if (request.StopWhenTerminal && request.Ids.Count == 0)
        {
            violations.Add("stop_when_terminal", "needs `ids`: name the resources to wait for");
        }

        violations.ThrowIfAny();
    }

    /// <exception cref="Fault">INVALID_FIELD.</exception>
    public static void Check(ListChangesRequest request, int mostIds)
    {
        var violations = Checked(request, request.Kinds, request.Ids, mostIds, request.Filter);
        if (request.HasAfterRevision && request.AfterRevision < 0)
        {
            violations.Add("after_revision", "must not be negative; 0 starts at revision 1");
        }

        if (request.Wait is { } wait && !IsWithin(wait, 0, LongestWait))
        {
            violations.Add("wait", "must be between 0s and 60s");
        }

        violations.ThrowIfAny();
    }

    private static Violations Checked(IMessage request, IReadOnlyCollection<ResourceKind> named,
        Google.Protobuf.Collections.RepeatedField<string> ids, int mostIds, string filter)
    {
        var violations = RequestCheck.Of(request);
        if (ids.Count > mostIds && mostIds < WatchOptions.ContractIds)
        {
            violations.Add("ids", $"has {ids.Count} elements; this server takes at most {mostIds}");
        }

        if (filter.Length > 0 && named.Distinct().Count() != 1)
        {
            violations.Add("filter", "needs exactly one kind in `kinds`, because each kind has its own fields");
        }

        return violations;
    }

    private static bool IsWithin(Duration duration, long shortest, long longest) =>
        duration.Nanos >= 0 && duration.Seconds >= shortest
            && (duration.Seconds < longest || (duration.Seconds == longest && duration.Nanos == 0));
}
