using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>Checks the callers' answers against the log: D1, D2, D3.</summary>
internal static class CallCheck
{
    public static IEnumerable<string> Run(GroundTruth truth, IEnumerable<CallEntry> calls)
    {
        var effects = truth.Log.ToLookup(Marker);
        foreach (var call in calls)
        {
            var own = effects[call.RequestId].ToArray();
            if (own.Length > 1)
            {
                yield return $"D3 {truth.Organization}: the request {call.RequestId} has {own.Length} effects";
            }

            if (call.Outcome == CallOutcome.Refused && own.Length > 0)
            {
                yield return $"D2 {truth.Organization}: the refused request {call.RequestId} changed something";
            }

            if (call.Outcome == CallOutcome.Acknowledged
                && !own.Any(change => change.AgentTask.Equals(AgentTask.Parser.ParseFrom(call.Answer))))
            {
                yield return $"D1 {truth.Organization}: the acknowledged request {call.RequestId} is not in the log as answered";
            }
        }
    }

    private static string Marker(Change change) => change.Type == ChangeType.Created ? change.AgentTask?.Title ?? "" : change.Reason;
}
