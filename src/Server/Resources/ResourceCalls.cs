using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.Requests;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>
/// The frame of every call on every kind: check the request by its descriptors, run the kind's rules in the lane or read the store,
/// answer. Endpoints say only what differs.
/// </summary>
internal sealed class ResourceCalls<T>(KindDefinition<T> kind, ResourceRules<T> rules, CommitLane lane, ResourceReader reader)
    where T : class, IMessage<T>, IResource, new()
{
    private const int MostBatchBytes = 3 * 1024 * 1024;

    public Task<T> CreateAsync(ICreateRequest<T> request, string field, ServerCallContext context)
    {
        var violations = Check(request);
        var resource = Begin(request.Resource!, field + ".", context.Caller(), violations);
        violations.ThrowIfAny();
        return CommitAsync(request, request.ValidateOnly, context, commit => Create(commit, resource, request.ValidateOnly));
    }

    public Task<TResponse> BatchCreateAsync<TResponse>(IBatchCreateRequest<T> request, string field, ServerCallContext context, Func<IEnumerable<T>, TResponse> answer)
        where TResponse : class, IMessage<TResponse>, new()
    {
        if (request.CalculateSize() is var size && size > MostBatchBytes)
        {
            throw Fault.InvalidField(field, $"the request has {size} bytes; at most {MostBatchBytes} are allowed, so send fewer at once");
        }

        var violations = Check(request);
        var resources = request.Resources.Select((resource, i) => Begin(resource, $"{field}[{i}].", context.Caller(), violations)).ToArray();
        violations.ThrowIfAny();
        return CommitAsync(request, request.ValidateOnly, context, commit => answer(resources.Select(resource => Create(commit, resource, request.ValidateOnly)).ToArray()));
    }

    public Task<T> GetAsync(IMessage request, string id, ServerCallContext context)
    {
        Check(request).ThrowIfAny();
        return reader.GetAsync(kind, context.Caller(), id, context.CancellationToken);
    }

    public Task<IReadOnlyList<T>> BatchGetAsync(IMessage request, IReadOnlyList<string> ids, ServerCallContext context)
    {
        Check(request).ThrowIfAny();
        return reader.BatchGetAsync(kind, context.Caller(), ids, context.CancellationToken);
    }

    public Task<ResourcePage<T>> ListAsync(IListRequest request, ServerCallContext context) => ListAsync(request, context, new ListQuery
    {
        PageSize = request.PageSize,
        PageToken = request.PageToken,
        Filter = request.Filter,
        OrderBy = request.OrderBy,
        ShowDeleted = request.ShowDeleted,
        Binding = "",
    });

    /// <summary>Lists the neighbours of a living resource.</summary>
    public async Task<ResourcePage<T>> ListNeighboursAsync(IPageRequest request, string id, ServerCallContext context, Func<TaskDb, Guid, IQueryable<ResourceRow>> neighbours)
    {
        IResource resource = await GetAsync(request, id, context);
        var key = Guid.Parse(id);
        return kind.IsDeleted(resource) ? throw Fault.NotFound(kind.Name, id) : await ListAsync(request, context, new ListQuery
        {
            PageSize = request.PageSize,
            PageToken = request.PageToken,
            OrderBy = "",
            Source = db => neighbours(db, key),
            Binding = $"{request.Descriptor.FullName}/{id}",
        });
    }

    public Task<T> UpdateAsync(IUpdateRequest<T> request, string field, ServerCallContext context)
    {
        var caller = context.Caller();
        var violations = new Violations();
        RequestCheck.CheckRequestId(request, violations);
        var plan = new UpdatePlan<T>(rules, request, field + ".", violations);
        return CommitAsync(request, dryRun: false, context, commit => commit.Change(kind, request.Resource!.Id, request.Resource.Etag, reason: null, (before, after, _) =>
        {
            plan.Apply(before, after);
            rules.Update(before, after, caller);
        }));
    }

    /// <summary>Changes one resource by a verb of its kind.</summary>
    /// <param name="request">The call.</param>
    /// <param name="context">The call's context.</param>
    /// <param name="reason">Why, for the log; null or empty for no reason.</param>
    /// <param name="check">Adds what is wrong with the request beyond its descriptors; null if there is nothing to add.</param>
    /// <param name="apply">Guards and changes the resource, at the given moment.</param>
    public Task<T> ChangeAsync(ITargetedMutation request, ServerCallContext context, string? reason, Action<Violations>? check, Action<T, Caller, Timestamp> apply)
    {
        var violations = Check(request);
        check?.Invoke(violations);
        violations.ThrowIfAny();
        var caller = context.Caller();
        return CommitAsync(request, dryRun: false, context, commit => commit.Change(kind, request.Id, request.Etag, reason, (_, task, at) => apply(task, caller, at)));
    }

    /// <summary>Runs a verb that concerns more than one resource.</summary>
    public Task<T> CommitAsync(IMutation request, ServerCallContext context, Func<Commit, T> run)
    {
        Check(request).ThrowIfAny();
        return CommitAsync(request, dryRun: false, context, run);
    }

    private static Violations Check(IMessage request)
    {
        var violations = new Violations();
        MessageCheck.Check(request, "", violations);
        if (request is IMutation mutation)
        {
            RequestCheck.CheckRequestId(mutation, violations);
        }

        if (request is IPageRequest page)
        {
            RequestCheck.CheckPageSize(page.PageSize, violations);
        }

        return violations;
    }

    private T Begin(T sent, string path, Caller caller, Violations violations)
    {
        if (sent is null)
        {
            // Reported as missing already.
            return new T();
        }

        var resource = sent.Clone();
        foreach (var policy in FieldPolicy.Of(resource.Descriptor).Where(policy => policy.IsOutputOnly))
        {
            policy.Field.Accessor.Clear(resource);
        }

        rules.CheckValues(resource, path, violations, _ => true);
        rules.ApplyDefaults(resource);
        rules.Begin(resource, caller, path, violations);
        return resource;
    }

    private T Create(Commit commit, T resource, bool validateOnly)
    {
        var created = commit.Create(kind, resource);
        if (!validateOnly)
        {
            return created;
        }

        var preview = created.Clone();
        preview.Id = "";
        preview.Etag = "";
        preview.CreatedAt = null;
        preview.UpdatedAt = null;
        return preview;
    }

    private async Task<ResourcePage<T>> ListAsync(IPageRequest request, ServerCallContext context, ListQuery query)
    {
        Check(request).ThrowIfAny();
        var rows = await reader.ListAsync(kind, context.Caller(), query, context.CancellationToken);
        return new ResourcePage<T>(rows.Bodies.Select(kind.Parse), rows.Next, rows.Revision, rows.ResumeToken);
    }

    private Task<TAnswer> CommitAsync<TAnswer>(IMutation request, bool dryRun, ServerCallContext context, Func<Commit, TAnswer> run)
        where TAnswer : class, IMessage<TAnswer>, new() =>
        lane.CommitAsync(new LedgerCommand<TAnswer>(context.Caller(), request, dryRun, run, context.CancellationToken));
}
