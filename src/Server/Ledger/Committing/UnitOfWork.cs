using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Sql;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// What one command reads and changes: it reads the batch's view of the rows and stages its changes, which count only if the whole
/// command succeeds.
/// </summary>
internal sealed class UnitOfWork(Batch batch, Caller caller, DateTimeOffset time)
{
    private readonly Dictionary<Guid, ResourceState> _own = [];

    public Caller Caller { get; } = caller;

    public Timestamp Now { get; } = Moment.ToTimestamp(time);

    public List<StagedChange> Changes { get; } = [];

    /// <summary>Writes of other rows than the resources' own, in order.</summary>
    public List<Action<StoreWriter>> Effects { get; } = [];

    /// <summary>The states of the resources that this command changed.</summary>
    public IReadOnlyDictionary<Guid, ResourceState> States => _own;

    /// <summary>Stores a new resource; sets its id, organization, times and etag.</summary>
    /// <param name="kind">The resource's kind.</param>
    /// <param name="resource">The resource; the ledger owns it from now on.</param>
    /// <param name="complete">Sets the fields that depend on the id; null for none.</param>
    public T Create<T>(KindDefinition<T> kind, T resource, Action<T, string>? complete = null)
        where T : class, IMessage<T>, IResource, new()
    {
        var id = ResourceId.New(time);
        resource.Id = id.ToString();
        complete?.Invoke(resource, resource.Id);
        resource.OrganizationId = Caller.OrganizationId;
        resource.CreatedAt = Now;
        resource.UpdatedAt = Now;
        Stage(new StagedChange(kind, id, Before: null, resource, 1, Caller.Actor, Reason: null, Now));
        return resource;
    }

    /// <summary>Changes a resource that is not deleted; stages nothing if nothing changed.</summary>
    /// <param name="kind">The resource's kind.</param>
    /// <param name="id">The resource.</param>
    /// <param name="etag">The required etag; empty for any.</param>
    /// <param name="reason">The reason, for the log.</param>
    /// <param name="apply">Gets the present state, the copy to check and change, and the time of the change.</param>
    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, or what <paramref name="apply"/> throws.</exception>
    public T Change<T>(KindDefinition<T> kind, string id, string etag, string? reason, Action<T, T, Timestamp> apply)
        where T : class, IMessage<T>, IResource, new()
    {
        var state = Require(kind, id, etag);
        var before = (T)state.Resource;
        var at = Moment.Later(Now, state.ChangedAt);
        var after = before.Clone();
        apply(before, after, at);
        if (Presence.Equal(after, before))
        {
            return before;
        }

        after.UpdatedAt = at;
        Stage(new StagedChange(kind, Guid.Parse(id), before, after, state.Version + 1, Caller.Actor, reason, at));
        return after;
    }

    /// <summary>A resource that is not deleted, for rules on more than one.</summary>
    /// <exception cref="Fault">RESOURCE_NOT_FOUND.</exception>
    public T Require<T>(KindDefinition<T> kind, string id)
        where T : class, IMessage<T>, IResource, new() => (T)Require(kind, id, etag: "").Resource;

    /// <summary>A resource that is not deleted, at the caller's etag.</summary>
    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH.</exception>
    public ResourceState Require(KindDefinition kind, string id, string etag)
    {
        var state = Find(kind, Guid.Parse(id));
        return state is null || kind.IsDeleted(state.Resource) ? throw Fault.NotFound(kind.Name, id)
            : etag.Length > 0 && etag != state.Resource.Etag ? throw Fault.EtagMismatch(kind.Name, id, state.Resource.Etag)
            : state;
    }

    /// <summary>A resource, deleted or not; null if there is none.</summary>
    public T? Find<T>(KindDefinition<T> kind, Guid id)
        where T : class, IMessage<T>, IResource, new() => (T?)Find((KindDefinition)kind, id)?.Resource;

    /// <summary>The resource of the caller's organization with an external key, deleted or not; null if the key is free.</summary>
    public Guid? FindKey(KindDefinition kind, string key) => batch.FindKey(kind, Caller.OrganizationId, key);

    /// <summary>
    /// Says which resources the command is going to change, so that a database beyond a network fetches them all at once.
    /// </summary>
    public void Foresee(KindDefinition kind, IEnumerable<Guid> ids) => batch.Foresee(kind, ids);

    /// <summary>Queries of the transaction, after the changes of all commands accepted before this one.</summary>
    public T Query<T>()
        where T : class, IStatements<T> => batch.Flushed().Query<T>();

    private ResourceState? Find(KindDefinition kind, Guid id) =>
        _own.TryGetValue(id, out var own) ? own : batch.Find(kind, Caller.OrganizationId, id);

    private void Stage(StagedChange change)
    {
        change.After.Etag = Etag.Of(change.Id, change.Version);
        _own[change.Id] = new ResourceState(change.Kind, change.After, change.Version, change.ChangedAt);
        Changes.Add(change);
    }
}
