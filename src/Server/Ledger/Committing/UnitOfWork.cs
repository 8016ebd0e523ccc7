using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Sql;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// What one command sees and does: it reads the batch's view of the rows, and stages its changes, which count only once the whole
/// command has succeeded.
/// </summary>
internal sealed class UnitOfWork(Batch batch, Caller caller, DateTimeOffset time)
{
    private readonly Dictionary<Guid, ResourceState> _own = [];

    public Caller Caller { get; } = caller;

    public Timestamp Now { get; } = Moment.ToTimestamp(time);

    public List<StagedChange> Changes { get; } = [];

    /// <summary>Rows beside the resources' own that the command writes, in order.</summary>
    public List<Action<StoreWriter>> Effects { get; } = [];

    /// <summary>The rows that this command leaves behind if it succeeds.</summary>
    public IReadOnlyDictionary<Guid, ResourceState> States => _own;

    /// <summary>Stores a new resource, with id, organization, times and etag set.</summary>
    /// <param name="kind">The resource's kind.</param>
    /// <param name="resource">The resource; it becomes the ledger's own.</param>
    /// <param name="complete">Sets what depends on the id; null for nothing.</param>
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

    /// <summary>Changes a living resource; a change that changes nothing stages nothing.</summary>
    /// <param name="kind">The resource's kind.</param>
    /// <param name="id">The resource.</param>
    /// <param name="etag">The etag that must stand; empty for whatever stands.</param>
    /// <param name="reason">Why, for the log.</param>
    /// <param name="apply">Checks and changes the copy, its second argument; the first is what stands, the third the moment of the change.</param>
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

    /// <summary>A living resource, for rules that concern more than one.</summary>
    /// <exception cref="Fault">RESOURCE_NOT_FOUND.</exception>
    public T Require<T>(KindDefinition<T> kind, string id)
        where T : class, IMessage<T>, IResource, new() => (T)Require(kind, id, etag: "").Resource;

    /// <summary>A living resource at the version that the caller means.</summary>
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

    /// <summary>The transaction as it stands, with every command accepted before this one in it, for questions that ids cannot ask.</summary>
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
