using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>What a transaction has read in its first round trip, under the lock of the organization's counter row.</summary>
/// <param name="OrganizationId">The organization that it may change; empty for none.</param>
/// <param name="Head">The head of the organization's log.</param>
/// <param name="Asked">The request ids that were looked up.</param>
/// <param name="Requests">Those that were used, by id and caller.</param>
/// <param name="Resources">The resources that were looked up; null for those that are not there.</param>
/// <param name="Keys">The external keys that were looked up, with their resources; null for those that are free.</param>
/// <param name="Leases">The leases that were looked up, by their resources; null for those that are not there.</param>
internal sealed record Begun(
    string OrganizationId,
    LogHead Head,
    HashSet<Guid> Asked,
    Dictionary<(Guid Id, string Caller), RequestRow> Requests,
    Dictionary<(Table Table, Guid Id), StoredBody?> Resources,
    Dictionary<(Table Table, string Key), Guid?> Keys,
    Dictionary<Guid, LeaseRow?> Leases)
{
    public static Begun Nothing { get; } = new("", default, [], [], [], [], []);
}
