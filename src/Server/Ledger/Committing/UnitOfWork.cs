using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
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
    private readonly Dictionary<Guid, LeaseRow?> _leases = [];

    public Caller Caller { get; } = caller;

    public Timestamp Now { get; } = Moment.ToTimestamp(time);

    public List<StagedChange> Changes { get; } = [];

    /// <summary>Rows beside the resources' own that change: what identifies each, and what it was and is; null for no row.</summary>
    public List<(object Key, object? Was, object? Now)> Rows { get; } = [];

    /// <summary>Writes of other rows, in order.</summary>
    public List<Action<StoreWriter>> Effects { get; } = [];

    /// <summary>The states of the resources that this command changed.</summary>
    public IReadOnlyDictionary<Guid, ResourceState> States => _own;

    /// <summary>The leases that this command began, extended or ended; null for an ended one.</summary>
    public IReadOnlyDictionary<Guid, LeaseRow?> Leases => _leases;

    /// <summary>The revision that this command takes, if it changes anything.</summary>
    public long Revision => batch.NextRevision(Caller.OrganizationId);

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
        if (Caller.Traceparent is { } trace && resource is IClaimable claimable)
        {
            claimable.Traceparent = trace;
        }

        Stage(new StagedChange(kind, id, Before: null, resource, 1, Caller.Actor, Reason: null, Now));
        return resource;
    }

    /// <summary>Changes a resource that is not deleted; stages nothing if nothing changed.</summary>
    /// <param name="kind">The resource's kind.</param>
    /// <param name="id">The resource.</param>
    /// <param name="etag">The required etag; empty for any.</param>
    /// <param name="reason">The reason, for the log.</param>
    /// <param name="apply">Gets the present state, the copy to check and change, and the time of the change.</param>
    /// <param name="fence">Refuses callers that another worker's lease keeps out, before the etag is compared; null for no fence.</param>
    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, or what the delegates throw.</exception>
    public T Change<T>(
        KindDefinition<T> kind, string id, string etag, string? reason, Action<T, T, Timestamp> apply, Action<T>? fence = null)
        where T : class, IMessage<T>, IResource, new()
    {
        var state = Require(kind, id, fence is null ? etag : "");
        var before = (T)state.Resource;
        if (fence is not null)
        {
            fence(before);
            RequireEtag(kind, state, etag);
        }

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
        if (state is null || kind.IsDeleted(state.Resource))
        {
            throw Fault.NotFound(kind.Name, id);
        }

        RequireEtag(kind, state, etag);
        return state;
    }

    /// <summary>A resource, deleted or not; null if there is none.</summary>
    public T? Find<T>(KindDefinition<T> kind, Guid id)
        where T : class, IMessage<T>, IResource, new() => (T?)Find((KindDefinition)kind, id)?.Resource;

    /// <summary>A resource's lease; null if it has none.</summary>
    public LeaseRow? FindLease(Guid id) => _leases.TryGetValue(id, out var own) ? own : batch.FindLease(Caller.OrganizationId, id);

    /// <summary>Begins a lease, and schedules its end.</summary>
    public void Begin(LeaseRow lease)
    {
        _leases[lease.ResourceId] = lease;
        Rows.Add((lease.ResourceId, null, lease));
        Rows.Add(Due(SchedulePurpose.Lease, lease.ResourceId, null, lease.ExpiresAt));
    }

    /// <summary>Writes a lease that stands. Its row in the schedule moves when it fires.</summary>
    public void Keep(LeaseRow lease)
    {
        _leases[lease.ResourceId] = lease;
        Rows.Add((lease.ResourceId, lease, lease));
    }

    /// <summary>Moves a time of the schedule.</summary>
    public void Postpone(SchedulePurpose purpose, Guid id, DateTimeOffset at) => Rows.Add(Due(purpose, id, at, at));

    /// <summary>What the commands of this batch share under a key; made by the first that asks.</summary>
    public T Shared<T>(object key, Func<Batch, StoreWriter, T> make)
        where T : class => batch.Shared(key, writer => make(batch, writer));

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

    private static void RequireEtag(KindDefinition kind, ResourceState state, string etag)
    {
        if (etag.Length > 0 && etag != state.Resource.Etag)
        {
            throw Fault.EtagMismatch(kind.Name, state.Resource.Id, state.Resource.Etag);
        }
    }

    private void Stage(StagedChange change)
    {
        foreach (var time in change.Kind.Times)
        {
            Schedule(time, change);
        }

        if (change is { Before: IClaimable { Lease: not null }, After: IClaimable { Lease: null } })
        {
            End(change.Id);
        }

        change.After.Etag = Etag.Of(change.Id, change.Version);
        _own[change.Id] = new ResourceState(change.Kind, change.After, change.Version, change.ChangedAt);
        Changes.Add(change);
    }

    /// <summary>Ends the lease of a resource whose state no longer shows it.</summary>
    private void End(Guid id)
    {
        var lease = FindLease(id) ?? throw new InvalidOperationException($"The leased resource '{id}' has no lease.");
        _leases[id] = null;
        Rows.Add((id, lease, null));
        Rows.Add(Due(SchedulePurpose.Lease, id, lease.ExpiresAt, null));
    }

    /// <summary>Keeps the row of a time in the schedule equal to the resource's state.</summary>
    private void Schedule(DurableTime time, StagedChange change)
    {
        var (was, now) = (change.Before is { } before ? time.At(before) : null, time.At(change.After));
        if (!Equals(was, now))
        {
            Rows.Add(Due(time.Purpose, change.Id, was?.ToDateTimeOffset(), now?.ToDateTimeOffset()));
        }
    }

    private (object Key, object? Was, object? Now) Due(SchedulePurpose purpose, Guid id, DateTimeOffset? was, DateTimeOffset? now)
    {
        return ((purpose, id), Row(was), Row(now));

        ScheduleRow? Row(DateTimeOffset? at) => at is not { } due ? null : new ScheduleRow
        {
            OrganizationId = Caller.OrganizationId,
            Purpose = (int)purpose,
            GroupName = DurableTime.Group,
            DueAt = due,
            ResourceId = id,
        };
    }
}
