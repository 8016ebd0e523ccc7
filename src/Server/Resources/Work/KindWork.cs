using Google.Protobuf;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>The calls of WorkService for one kind.</summary>
internal abstract class KindWork
{
    public abstract ResourceKind Kind { get; }

    /// <exception cref="Fault">INVALID_FILTER, REQUEST_ID_REUSED, WATCH_LIMIT, DRAINING.</exception>
    public abstract Task<ClaimNextResponse> ClaimAsync(ClaimNextRequest request, Call call);

    /// <exception cref="Fault">RESOURCE_NOT_FOUND, LEASE_LOST.</exception>
    public abstract Task<HeartbeatResponse> HeartbeatAsync(HeartbeatRequest request, Call call);

    /// <exception cref="Fault">REQUEST_ID_REUSED, RESOURCE_NOT_FOUND, LEASE_LOST.</exception>
    public abstract Task<IClaimable> ReleaseAsync(ReleaseRequest request, Call call);

    /// <exception cref="Fault">REQUEST_ID_REUSED, RESOURCE_NOT_FOUND, ETAG_MISMATCH, INVALID_TRANSITION.</exception>
    public abstract Task<IClaimable> RequestCancelAsync(RequestCancelRequest request, Call call);

    /// <exception cref="Fault">INVALID_FILTER, INVALID_PAGE_TOKEN.</exception>
    public abstract Task<ListLeasesResponse> ListAsync(ListLeasesRequest request, Call call);

    /// <summary>Ends a lease whose time has passed.</summary>
    public abstract void Expire(UnitOfWork unit, LeaseRow lease);

    /// <summary>Makes those resources ready whose not_before has passed, and returns the ids that are of another kind.</summary>
    public abstract Guid[] EndNotBefore(UnitOfWork unit, Guid[] ids);

    /// <summary>Whether workers report progress of this kind.</summary>
    public abstract bool HasProgress { get; }

    /// <summary>Whether work of this kind can be given back for later.</summary>
    public abstract bool HasNotBefore { get; }
}

/// <summary>The calls of WorkService for one kind, by its message.</summary>
internal sealed class KindWork<T>(
    Workable<T> work,
    ClaimVerbs<T> claims,
    HoldVerbs<T> holds,
    WaitingClaims waiting,
    CommitLanes lanes,
    TaskStore store,
    PageTokens tokens) : KindWork
    where T : class, IMessage<T>, IClaimable, new()
{
    public override ResourceKind Kind => work.Kind.Kind;

    public override bool HasProgress => work.HasProgress;

    public override bool HasNotBefore => work.HasNotBefore;

    public override Task<ClaimNextResponse> ClaimAsync(ClaimNextRequest request, Call call)
    {
        var filter = request.Filter.Length > 0 ? work.Kind.Columns.Filters.Parse(request.Filter) : null;
        var claim = new Claim<T>(work, claims, lanes, store, request, filter, call);
        return request.Wait?.ToTimeSpan() is { } wait && wait > TimeSpan.Zero
            ? waiting.WaitAsync(work, filter, wait, call, claim.TryAsync)
            : OnceAsync(claim);
    }

    public override Task<HeartbeatResponse> HeartbeatAsync(HeartbeatRequest request, Call call) =>
        CommitAsync(request: null, request.Id, call, unit => holds.Heartbeat(unit, request));

    public override async Task<IClaimable> ReleaseAsync(ReleaseRequest request, Call call) =>
        await CommitAsync(request, request.Id, call, unit => holds.Release(unit, request));

    public override async Task<IClaimable> RequestCancelAsync(RequestCancelRequest request, Call call) =>
        await CommitAsync(request, request.Id, call, unit => holds.RequestCancel(unit, request));

    public override async Task<ListLeasesResponse> ListAsync(ListLeasesRequest request, Call call)
    {
        var list = new LeaseList<T>(work.Kind, tokens, request);
        using var rented = await store.RentAsync(call.Caller.OrganizationId, call.Ended);
        return rented.Reader.Interruptible(() => list.Read(rented.Reader), call.Ended);
    }

    public override void Expire(UnitOfWork unit, LeaseRow lease) => holds.Expire(unit, lease);

    public override Guid[] EndNotBefore(UnitOfWork unit, Guid[] ids)
    {
        unit.Foresee(work.Kind, ids);
        return [.. ids.Where(id => !holds.TryEndNotBefore(unit, id))];
    }

    private static async Task<ClaimNextResponse> OnceAsync(Claim<T> claim) => (await claim.TryAsync()).Answer;

    private Task<TAnswer> CommitAsync<TAnswer>(IMutation? request, string id, Call call, Func<UnitOfWork, TAnswer> run)
        where TAnswer : class, IMessage<TAnswer>, new() => lanes.CommitAsync(
        new LedgerCommand<TAnswer>(call.Caller, request, dryRun: false, run, call.Ended)
        {
            Target = (work.Kind.Table, Guid.Parse(id)),
            Lease = Guid.Parse(id),
        });
}
