using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>What a transaction is going to ask for, as the statements that fetch it take it.</summary>
internal sealed record Wanted(
    Guid[] Requests, (Table Table, Guid[] Ids)[] Resources, (Table Table, string[] Keys)[] Keys, Guid[] Leases)
{
    public static Wanted Of(Foreseen foreseen) => new(
        [.. foreseen.Requests],
        [.. foreseen.Resources.GroupBy(
            resource => resource.Table, (table, same) => (table, same.Select(resource => resource.Id).Distinct().ToArray()))],
        [.. foreseen.Keys.GroupBy(key => key.Table, (table, same) => (table, same.Select(key => key.Key).Distinct().ToArray()))],
        [.. foreseen.Leases.Distinct()]);
}
