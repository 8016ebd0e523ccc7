using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources;

/// <summary>
/// The frame of every call on every kind: it checks the request by its descriptors, then runs the kind's rules in the lane or reads
/// the store.
/// </summary>
internal sealed class ResourceCalls<T>(
    KindDefinition<T> kind, ResourceRules<T> rules, Fence<T> fence, CommitLanes lanes, ResourceReader reader)
    where T : class, IMessage<T>, IResource, new()
{
    private const int MostBatchBytes = 3 * 1024 * 1024;

    /// <summary>The limit in the protos. A batch with more is refused before its items are checked.</summary>
    private const int MostBatchItems = 1000;

    /// <param name="request">The call.</param>
    /// <param name="field">The field of the request that holds the resource.</param>
    /// <param name="call">The caller, and the end of the call.</param>
    /// <param name="complete">Checks and completes new resources against the store, in the lane; null if the kind needs none.</param>
    public Task<T> CreateAsync(ICreateRequest<T> request, string field, Call call, Complete<T>? complete = null)
    {
        var violations = RequestCheck.Of(request);
        var resource = Prepared(request.Resource!, field + ".", call.Caller, violations);
        return CreateAsync(
            request, request.ValidateOnly, [(resource, field + ".")], violations, call, complete, static created => created[0]);
    }

    public Task<TResponse> BatchCreateAsync<TResponse>(
        IBatchCreateRequest<T> request, string field, Call call, Func<T[], TResponse> answer, Complete<T>? complete = null)
        where TResponse : class, IMessage<TResponse>, new()
    {
        if (request.CalculateSize() is var size && size > MostBatchBytes)
        {
            throw Fault.InvalidField(field, $"the request has {size} bytes; at most {MostBatchBytes} are allowed, so send fewer items");
        }

        var violations = RequestCheck.Of(request);
        if (request.Resources.Count > MostBatchItems)
        {
            violations.ThrowIfAny();
        }

        var resources = request.Resources.Select((resource, i) =>
            (Prepared(resource, $"{field}[{i}].", call.Caller, violations), $"{field}[{i}].")).ToArray();
        ExternalKeys.CheckDistinct(resources, violations);
        return CreateAsync(request, request.ValidateOnly, resources, violations, call, complete, answer);
    }

    public async Task<StoredAnswer<T>> GetAsync(IMessage request, string id, Call call)
    {
        RequestCheck.Of(request).ThrowIfAny();
        return new StoredResource<T>(await reader.GetAsync(kind, call.Caller, id, call.Ended));
    }

    public Task<IReadOnlyList<T>> BatchGetAsync(IMessage request, IReadOnlyList<string> ids, Call call)
    {
        RequestCheck.Of(request).ThrowIfAny();
        return reader.BatchGetAsync(kind, call.Caller, ids, call.Ended);
    }

    public Task<StoredAnswer<TResponse>> ListAsync<TResponse>(IListRequest request, Call call)
        where TResponse : class, IMessage<TResponse>, new()
    {
        RequestCheck.Of(request).ThrowIfAny();
        return ListAsync<TResponse>(call, new ListQuery
        {
            PageSize = request.PageSize,
            PageToken = request.PageToken,
            Filter = request.Filter,
            OrderBy = request.OrderBy,
            ShowDeleted = request.ShowDeleted,
            Binding = "",
        });
    }

    /// <summary>Lists the neighbours of a resource that is not deleted.</summary>
    public async Task<StoredAnswer<TResponse>> ListNeighboursAsync<TResponse>(
        IPageRequest request, string id, Call call, Action<SqlText, Guid> narrow)
        where TResponse : class, IMessage<TResponse>, new()
    {
        RequestCheck.Of(request).ThrowIfAny();
        IResource resource = kind.Parse(await reader.GetAsync(kind, call.Caller, id, call.Ended));
        var key = Guid.Parse(id);
        return kind.IsDeleted(resource) ? throw Fault.NotFound(kind.Name, id) : await ListAsync<TResponse>(call, new ListQuery
        {
            PageSize = request.PageSize,
            PageToken = request.PageToken,
            OrderBy = "",
            Narrow = text => narrow(text, key),
            Binding = $"{request.Descriptor.FullName}/{id}",
        });
    }

    public Task<T> UpdateAsync(IUpdateRequest<T> request, string field, Call call)
    {
        var caller = call.Caller;
        var violations = new Violations();
        RequestCheck.CheckRequestId(request, violations);
        var plan = new UpdatePlan<T>(rules, request, field + ".", violations);
        return CommitAsync(request, dryRun: false, call, request.Resource?.Id,
            unit => unit.Change(kind, request.Resource!.Id, request.Resource.Etag, reason: null, (before, after, at) =>
            {
                plan.Apply(before, after);
                rules.Update(before, after, caller, at);
                fence.Settle(unit, before, after, request);
            }, before => fence.Check(unit, before, request)));
    }

    /// <summary>Changes one resource by a verb of its kind.</summary>
    /// <param name="request">The call.</param>
    /// <param name="call">The caller, and the end of the call.</param>
    /// <param name="reason">The reason for the log; null or empty for none.</param>
    /// <param name="check">Adds violations that the descriptors cannot find; null for none.</param>
    /// <param name="apply">Guards and changes the resource, at the given time.</param>
    public Task<T> ChangeAsync(
        ITargetedMutation request, Call call, string? reason, Action<Violations>? check, Action<T, Caller, Timestamp> apply)
    {
        var violations = RequestCheck.Of(request);
        check?.Invoke(violations);
        violations.ThrowIfAny();
        var caller = call.Caller;
        return CommitAsync(request, dryRun: false, call, request.Id,
            unit => unit.Change(kind, request.Id, request.Etag, reason, (before, task, at) =>
            {
                apply(task, caller, at);
                fence.Settle(unit, before, task, request);
            }, before => fence.Check(unit, before, request)));
    }

    /// <summary>Reads the one living resource that a kind's own question finds.</summary>
    /// <param name="request">The call.</param>
    /// <param name="name">What the caller asked for, in words.</param>
    /// <param name="call">Who calls, and what ends it.</param>
    /// <param name="find">The question; its answer is the resource's bytes, or null.</param>
    /// <exception cref="Fault">RESOURCE_NOT_FOUND: no row.</exception>
    public Task<T> FindAsync(IMessage request, string name, Call call, Func<StoreReader, byte[]?> find)
    {
        RequestCheck.Of(request).ThrowIfAny();
        return reader.FindAsync(kind, call.Caller, name, find, call.Ended);
    }

    /// <summary>Runs a verb that touches more than one resource.</summary>
    public Task<TAnswer> CommitAsync<TAnswer>(
        IMutation request, Call call, Func<UnitOfWork, TAnswer> run, Action<Violations>? check = null)
        where TAnswer : class, IMessage<TAnswer>, new()
    {
        var violations = RequestCheck.Of(request);
        check?.Invoke(violations);
        violations.ThrowIfAny();
        return CommitAsync(request, dryRun: false, call, (request as ITargetedMutation)?.Id, run);
    }

    private T Prepared(T sent, string path, Caller caller, Violations violations)
    {
        if (sent is null)
        {
            // MessageCheck has reported it as missing.
            return new T();
        }

        rules.CheckSent(sent, path, violations);
        var resource = sent.Clone();
        foreach (var policy in FieldPolicy.Of(resource.Descriptor))
        {
            if (policy.IsOutputOnly)
            {
                policy.Field.Accessor.Clear(resource);
            }
            else
            {
                policy.CutMoment(resource);
            }
        }

        ExternalKeys.Check(resource, path, violations);
        rules.CheckValues(resource, path, violations, _ => true);
        rules.ApplyDefaults(resource);
        rules.Create(resource, caller, path, violations);
        return resource;
    }

    private Task<TAnswer> CreateAsync<TAnswer>(
        IMutation request, bool validateOnly, (T Resource, string Path)[] begun, Violations violations, Call call, Complete<T>? complete,
            Func<T[], TAnswer> answer)
        where TAnswer : class, IMessage<TAnswer>, new()
    {
        if (complete is null)
        {
            violations.ThrowIfAny();
        }

        // With a violation it will be refused, but what the store says of its other fields is told together with that. Nothing is kept of
        // it.
        var keys = ExternalKeys.Of(kind.Table, begun);
        return CommitAsync(request, validateOnly || violations.Any, call, target: null,
            unit => answer(Create(unit, begun, violations, complete, validateOnly)), keys);
    }

    private T[] Create(UnitOfWork unit, (T Resource, string Path)[] begun, Violations violations, Complete<T>? complete, bool validateOnly)
    {
        var resources = begun;
        if (complete is not null)
        {
            // Clone: a command may run a second time after its batch has failed, and must not see what the first run changed.
            resources = [.. begun.Select(item => (item.Resource.Clone(), item.Path))];
            complete(unit, resources, violations.Copy());
        }

        ExternalKeys.RequireNew(unit, kind, resources);
        foreach (var (resource, _) in resources)
        {
            rules.Begin(resource, unit.Now);
        }

        return [.. resources.Select(item => Created(unit.Create(kind, item.Resource), validateOnly))];
    }

    private T Created(T created, bool validateOnly)
    {
        if (!validateOnly)
        {
            return created;
        }

        var preview = created.Clone();
        preview.Id = "";
        preview.Etag = "";
        preview.CreatedAt = null;
        preview.UpdatedAt = null;
        rules.Preview(preview);
        return preview;
    }

    private async Task<StoredAnswer<TResponse>> ListAsync<TResponse>(Call call, ListQuery query)
        where TResponse : class, IMessage<TResponse>, new() =>
        new ResourcePage<TResponse>(await reader.ListAsync(kind, call.Caller, query, call.Ended));

    private Task<TAnswer> CommitAsync<TAnswer>(
        IMutation request, bool dryRun, Call call, string? target, Func<UnitOfWork, TAnswer> run,
            IReadOnlyList<(Table Table, string Key)>? keys = null)
        where TAnswer : class, IMessage<TAnswer>, new() =>
        lanes.CommitAsync(new LedgerCommand<TAnswer>(call.Caller, request, dryRun, run, call.Ended)
        {
            Target = Guid.TryParse(target, out var id) ? (kind.Table, id) : null,
            Lease = request is IFenced { LeaseToken.Length: > 0 } ? id : null,
            Keys = keys ?? [],
        });
}

/// <summary>Checks and completes new resources against the store, before they are created.</summary>
/// <param name="unit">The command that creates them.</param>
/// <param name="resources">The resources, each with its path in the request.</param>
/// <param name="violations">The violations found so far; the implementation adds its own and throws for all.</param>
internal delegate void Complete<T>(UnitOfWork unit, IReadOnlyList<(T Resource, string Path)> resources, Violations violations);
