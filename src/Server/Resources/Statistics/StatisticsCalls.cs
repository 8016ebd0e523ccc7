using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Statistics;

/// <summary>The calls of StatisticsService.</summary>
internal sealed class StatisticsCalls(TaskStore store, ResourceKinds kinds) : ICalls
{
    public void AddTo(CallHandlers handlers) => handlers.AddCount<CountRequest, CountResponse>(CountAsync);

    private async Task<CountResponse> CountAsync(CountRequest request, Call call)
    {
        var violations = RequestCheck.Of(request);
        var kind = kinds.Among([request.Kind]).SingleOrDefault();
        CheckGroups(request, kind, violations);
        violations.ThrowIfAny();

        using var rented = await store.RentAsync(call.Caller.OrganizationId, call.Ended);
        return rented.Reader.Interruptible(() => Count(rented.Reader, kind!, request), call.Ended);
    }

    private static void CheckGroups(CountRequest request, KindDefinition? kind, Violations violations)
    {
        for (var i = 0; kind is not null && i < request.GroupBy.Count; i++)
        {
            if (!kind.GroupFields.Contains(request.GroupBy[i]))
            {
                violations.Add($"group_by[{i}]", $"cannot be counted by; the fields are {string.Join(", ", kind.GroupFields)}");
            }
            else if (request.GroupBy.IndexOf(request.GroupBy[i]) < i)
            {
                violations.Add($"group_by[{i}]", "names a field twice; name each once");
            }
        }
    }

    private static CountResponse Count(StoreReader reader, KindDefinition kind, CountRequest request)
    {
        using var view = reader.OpenView();
        var groups = kind.Count(reader, request.Filter, request.GroupBy, request.ShowDeleted);
        var answer = new CountResponse { Total = groups.Sum(group => group.Count), Revision = reader.Head().Revision };
        if (request.GroupBy.Count > 0)
        {
            answer.Groups.Add(groups.OrderByDescending(group => group.Count)
                .ThenBy(group => string.Join('\n', group.Values), StringComparer.Ordinal).Select(Group));
        }

        return answer;

        CountGroup Group((string?[] Values, long Count) counted)
        {
            var group = new CountGroup { Count = counted.Count };
            for (var i = 0; i < counted.Values.Length; i++)
            {
                if (counted.Values[i] is { } value)
                {
                    group.Values.Add(request.GroupBy[i], value);
                }
            }

            return group;
        }
    }
}
