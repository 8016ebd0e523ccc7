using Google.Protobuf;
using Google.Protobuf.Reflection;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>What the ledger must know about a kind of resource, beyond the message's descriptor.</summary>
internal abstract class KindDefinition
{
    private readonly IFieldAccessor _status;
    private readonly EnumDescriptor _statuses;
    private readonly IFieldAccessor _resource;
    private readonly IFieldAccessor _previous;

    protected KindDefinition(ResourceKind kind, MessageDescriptor descriptor, Type row)
    {
        Kind = kind;
        Descriptor = descriptor;
        RowType = row;
        var status = descriptor.FindFieldByName("status");
        _status = status.Accessor;
        _statuses = status.EnumType;
        _resource = FieldOfChange("resource", descriptor);
        _previous = FieldOfChange("previous", descriptor);
    }

    public ResourceKind Kind { get; }

    public MessageDescriptor Descriptor { get; }

    /// <summary>The row type of the kind's table.</summary>
    public Type RowType { get; }

    /// <summary>The kind's name in messages to callers, for example 'AgentTask'.</summary>
    public string Name => Descriptor.Name;

    public int StatusOf(IResource resource) => (int)_status.GetValue(resource);

    public string StatusName(int status) => _statuses.FindValueByNumber(status).Name;

    public void Put(Change change, IResource after, IMessage? previous)
    {
        _resource.SetValue(change, after);
        if (previous is not null)
        {
            _previous.SetValue(change, previous);
        }
    }

    public IResource After(Change change) => (IResource)_resource.GetValue(change);

    /// <summary>The state before a change, computed from the state after it and the old values; null at creation.</summary>
    public IResource? Before(Change change)
    {
        if (change.Type == ChangeType.Created)
        {
            return null;
        }

        var before = Clone(After(change));
        var previous = (IMessage)_previous.GetValue(change);
        foreach (var name in change.ChangedFields.Paths)
        {
            FieldDiff.Copy(Descriptor.FindFieldByName(name), previous, before);
        }

        return before;
    }

    public abstract IResource Parse(byte[] body);

    protected abstract IResource Clone(IResource resource);

    public abstract IResource New();

    public abstract bool IsDeleted(IResource resource);

    /// <summary>Whether a resource is in a terminal status or deleted.</summary>
    public abstract bool IsTerminal(IResource resource);

    /// <summary>Reads the next page of rows, for a snapshot at a revision.</summary>
    internal abstract IReadOnlyList<SnapshotRow> Snapshot(Storage.StoreReader reader, string filter, bool showDeleted, long revision, SnapshotRow? after);

    /// <exception cref="Faults.Fault">INVALID_FILTER.</exception>
    public abstract Func<ResourceRow, bool> Filter(string text);

    /// <summary>The row of a state. The commit sets its version, revision and, for some kinds, the time of the change.</summary>
    public ResourceRow ToRow(IResource resource)
    {
        var row = OwnColumns(resource);
        row.Id = Guid.Parse(resource.Id);
        row.OrganizationId = resource.OrganizationId;
        row.Status = StatusOf(resource);
        row.CreatedAt = resource.CreatedAt!.ToDateTimeOffset();
        row.UpdatedAt = (resource.UpdatedAt ?? resource.CreatedAt).ToDateTimeOffset();
        row.Deleted = IsDeleted(resource);
        return row;
    }

    protected abstract ResourceRow OwnColumns(IResource resource);

    private static IFieldAccessor FieldOfChange(string oneof, MessageDescriptor resource) =>
        Change.Descriptor.Oneofs.Single(candidate => candidate.Name == oneof).Fields.Single(field => field.MessageType == resource).Accessor;
}

internal abstract class KindDefinition<T>(ResourceKind kind, Type row) : KindDefinition(kind, new T().Descriptor, row)
    where T : class, IMessage<T>, IResource, new()
{
    private readonly MessageParser<T> _parser = new(() => new T());

    public override T Parse(byte[] body) => _parser.ParseFrom(body);

    public override IResource New() => new T();

    protected override IResource Clone(IResource resource) => ((T)resource).Clone();

    public sealed override bool IsDeleted(IResource resource) => IsDeleted((T)resource);

    public sealed override bool IsTerminal(IResource resource) => IsDeleted((T)resource) || IsTerminal((T)resource);

    protected abstract bool IsDeleted(T resource);

    /// <summary>Whether a resource that is not deleted is in a terminal status.</summary>
    protected abstract bool IsTerminal(T resource);

    protected sealed override ResourceRow OwnColumns(IResource resource) => OwnColumns((T)resource);

    protected abstract ResourceRow OwnColumns(T resource);

    internal abstract ListedRows List(Storage.StoreReader reader, PageTokens tokens, ListQuery query);
}

internal abstract class KindDefinition<T, TRow>(ResourceKind kind) : KindDefinition<T>(kind, typeof(TRow))
    where T : class, IMessage<T>, IResource, new()
    where TRow : ResourceRow
{
    private KeysetOrder<TRow>? _usualOrder;

    public abstract IReadOnlyList<SortField<TRow>> SortFields { get; }

    public abstract FilterFields<TRow> FilterFields { get; }

    public sealed override Func<ResourceRow, bool> Filter(string text)
    {
        var filter = FilterFields.Parse(text);
        return row => filter.Matches((TRow)row);
    }

    internal override IReadOnlyList<SnapshotRow> Snapshot(Storage.StoreReader reader, string filter, bool showDeleted, long revision, SnapshotRow? after) =>
        new SnapshotPage<TRow>(filter.Length > 0 ? FilterFields.Parse(filter, reader.OrganizationId) : null, showDeleted, revision).Read(reader, after);

    internal override ListedRows List(Storage.StoreReader reader, PageTokens tokens, ListQuery query) =>
        new KeysetPage<TRow>(Order(query.OrderBy), query.Filter.Length > 0 ? FilterFields.Parse(query.Filter, reader.OrganizationId) : null, query).Read(reader, tokens);

    /// <summary>Caches only the default order, because callers can send any number of other orders.</summary>
    private KeysetOrder<TRow> Order(string text) => text.Length > 0 ? new KeysetOrder<TRow>(SortFields, text) : _usualOrder ??= new KeysetOrder<TRow>(SortFields, text);
}
