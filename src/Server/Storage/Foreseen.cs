using TaskGrpc.Server.Storage.Schema;

namespace TaskGrpc.Server.Storage;

/// <summary>
/// What a transaction is going to ask for, as far as its commands tell: a database beyond a network fetches it all at once.
/// </summary>
/// <param name="Requests">Request ids that will be looked up.</param>
/// <param name="Resources">Resources that will be looked up.</param>
/// <param name="Keys">External keys that will be looked up.</param>
/// <param name="Leases">Resources whose leases will be looked up.</param>
internal readonly record struct Foreseen(
    IEnumerable<Guid> Requests, IEnumerable<(Table Table, Guid Id)> Resources, IEnumerable<(Table Table, string Key)> Keys,
        IEnumerable<Guid> Leases)
{
    public static Foreseen Nothing { get; } = new([], [], [], []);
}
