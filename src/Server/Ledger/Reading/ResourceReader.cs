using Google.Protobuf;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Reading;

/// <summary>Reads resources of any kind for a caller, only from the caller's organization.</summary>
internal sealed class ResourceReader(TaskStore store, PageTokens tokens)
{
    /// <summary>The largest answer of a BatchGet; gRPC clients accept no more by default.</summary>
    private const int MostBytes = 4 * 1024 * 1024;

    /// <exception cref="Fault">RESOURCE_NOT_FOUND.</exception>
    public async Task<byte[]> GetAsync(KindDefinition kind, Caller caller, string id, CancellationToken cancellationToken)
    {
        using var rented = await store.RentAsync(caller.OrganizationId, cancellationToken);
        return rented.Reader.Find(kind.Table, Guid.Parse(id)) is { } stored ? stored.Body : throw Fault.NotFound(kind.Name, id);
    }

    /// <summary>Reads several resources in one view, in the order of the ids.</summary>
    /// <exception cref="Fault">RESOURCE_NOT_FOUND for the first missing one; INVALID_FIELD if the answer would be too large.</exception>
    public async Task<IReadOnlyList<T>> BatchGetAsync<T>(
        KindDefinition<T> kind, Caller caller, IReadOnlyList<string> ids, CancellationToken cancellationToken)
        where T : class, IMessage<T>, IResource, new()
    {
        using var rented = await store.RentAsync(caller.OrganizationId, cancellationToken);
        using var view = rented.Reader.OpenView();
        var resources = new List<T>(ids.Count);
        var size = 0;
        foreach (var id in ids)
        {
            var stored = rented.Reader.Find(kind.Table, Guid.Parse(id)) ?? throw Fault.NotFound(kind.Name, id);
            // Each element brings a tag and a length of up to four bytes.
            size += stored.Body.Length + 5;
            if (size > MostBytes)
            {
                throw Fault.InvalidField("ids", $"the answer would exceed 4 MiB; send fewer, at most the first {resources.Count} ids");
            }

            resources.Add(kind.Parse(stored.Body));
        }

        return resources;
    }

    /// <summary>Reads the resource that a kind's own question finds.</summary>
    /// <exception cref="Fault">RESOURCE_NOT_FOUND: there is none.</exception>
    public async Task<T> FindAsync<T>(
        KindDefinition<T> kind, Caller caller, string name, Func<StoreReader, byte[]?> find, CancellationToken cancellationToken)
        where T : class, IMessage<T>, IResource, new()
    {
        using var rented = await store.RentAsync(caller.OrganizationId, cancellationToken);
        return find(rented.Reader) is { } body ? kind.Parse(body) : throw Fault.NotFound(kind.Name, name);
    }

    public async Task<ListedRows> ListAsync<T>(KindDefinition<T> kind, Caller caller, ListQuery query, CancellationToken cancellationToken)
        where T : class, IMessage<T>, IResource, new()
    {
        using var rented = await store.RentAsync(caller.OrganizationId, cancellationToken);
        return rented.Reader.Interruptible(() => kind.List(rented.Reader, tokens, query), cancellationToken);
    }
}
