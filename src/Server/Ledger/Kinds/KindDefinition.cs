using Google.Protobuf;
using Google.Protobuf.Reflection;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>What the ledger must know about a kind of resource, beyond the message's descriptor.</summary>
internal abstract class KindDefinition
{
    private readonly IFieldAccessor _status;
    private readonly EnumDescriptor _statuses;
    private readonly IFieldAccessor _resource;
    private readonly IFieldAccessor _previous;

    protected KindDefinition(ResourceKind kind, MessageDescriptor descriptor, Table table)
    {
        Kind = kind;
        Descriptor = descriptor;
        Table = table;
        var status = descriptor.FindFieldByName("status");
        _status = status.Accessor;
        _statuses = status.EnumType;
        _resource = FieldOfChange("resource", descriptor);
        _previous = FieldOfChange("previous", descriptor);
    }

    public ResourceKind Kind { get; }

    public MessageDescriptor Descriptor { get; }

    public Table Table { get; }

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

    /// <summary>The fields that a filter may name.</summary>
    public abstract IEnumerable<string> FilterFields { get; }

    /// <summary>The fields by which resources can be counted apart.</summary>
    public abstract IEnumerable<string> GroupFields { get; }

    /// <summary>The kind's columns, without those that the ledger fills in.</summary>
    public abstract IEnumerable<string> OwnColumns { get; }

    /// <summary>The times at which the server changes a resource by itself.</summary>
    public virtual IReadOnlyList<DurableTime> Times => [];

    public abstract IResource Parse(byte[] body);

    protected abstract IResource Clone(IResource resource);

    public abstract IResource New();

    public abstract bool IsDeleted(IResource resource);

    /// <summary>Whether a resource is in a terminal status or deleted.</summary>
    public abstract bool IsTerminal(IResource resource);

    /// <summary>Counts the rows that match by the values of some of <see cref="GroupFields"/>.</summary>
    /// <exception cref="Faults.Fault">INVALID_FILTER; INVALID_FIELD for too many groups.</exception>
    internal abstract IReadOnlyList<(string?[] Values, long Count)> Count(
        StoreReader reader, string filter, IReadOnlyList<string> groupBy, bool showDeleted);

    /// <summary>Walks on through the rows, for a snapshot at a revision.</summary>
    internal abstract IReadOnlyList<SnapshotRow> Snapshot(
        StoreReader reader, string filter, bool showDeleted, long revision, SnapshotRow? after);

    /// <summary>A filter over the kind's resources in memory.</summary>
    /// <exception cref="Faults.Fault">INVALID_FILTER.</exception>
    public abstract Func<IResource, bool> Filter(string text);

    /// <summary>The row of a state.</summary>
    /// <param name="resource">The state.</param>
    /// <param name="version">Its version.</param>
    /// <param name="revision">The revision that made it.</param>
    /// <param name="changedAt">When it came to be; not every kind shows it.</param>
    public abstract StoredRow ToRow(IResource resource, long version, long revision, DateTimeOffset changedAt);

    /// <summary>Marks the columns of a row that its stored state has already.</summary>
    public abstract void MarkSame(StoredRow row, IResource stored);

    private static IFieldAccessor FieldOfChange(string oneof, MessageDescriptor resource) =>
        Change.Descriptor.Oneofs.Single(candidate =>
            candidate.Name == oneof).Fields.Single(field => field.MessageType == resource).Accessor;
}

/// <summary>A kind of resource, by its message.</summary>
internal abstract class KindDefinition<T>(ResourceKind kind, Table table) : KindDefinition(kind, new T().Descriptor, table)
    where T : class, IMessage<T>, IResource, new()
{
    private readonly MessageParser<T> _parser = new(() => new T());
    private KeysetOrder? _usualOrder;
    private (int Place, ColumnValue<T> Column)[]? _values;

    // The columns that are the ledger's and no kind's.
    private readonly int _version = table.PlaceOf("version");
    private readonly int _revision = table.PlaceOf("revision");
    private readonly int _updatedAt = table.PlaceOf("updated_at");
    private readonly int _deleted = table.PlaceOf("deleted");
    private readonly int _body = table.PlaceOf("body");

    /// <summary>The columns that lists sort by and filters look into.</summary>
    public abstract Columns<T> Columns { get; }

    public sealed override IEnumerable<string> FilterFields => Columns.Filters.Names;

    public sealed override IEnumerable<string> GroupFields => Columns.Groups.Select(group => group.Name);

    public sealed override IEnumerable<string> OwnColumns => Columns.Values.Select(column => column.Name);

    public override T Parse(byte[] body) => _parser.ParseFrom(body);

    public override IResource New() => new T();

    protected override IResource Clone(IResource resource) => ((T)resource).Clone();

    public sealed override bool IsDeleted(IResource resource) => IsDeleted((T)resource);

    public sealed override bool IsTerminal(IResource resource) => IsDeleted((T)resource) || IsTerminal((T)resource);

    protected abstract bool IsDeleted(T resource);

    /// <summary>Whether a resource that is not deleted is in a terminal status.</summary>
    protected abstract bool IsTerminal(T resource);

    public sealed override StoredRow ToRow(IResource resource, long version, long revision, DateTimeOffset changedAt)
    {
        var row = new StoredRow(Table);
        foreach (var (place, column) in Values)
        {
            row.Values[place] = column.Of((T)resource);
        }

        row.Values[_version] = version;
        row.Values[_revision] = revision;
        row.Values[_updatedAt] = changedAt;
        row.Values[_deleted] = IsDeleted(resource);
        row.Values[_body] = resource.ToByteArray();
        return row;
    }

    public sealed override void MarkSame(StoredRow row, IResource stored)
    {
        foreach (var (place, column) in Values)
        {
            if (column.IsCompared && Equals(column.Of((T)stored), row.Values[place]))
            {
                row.MarkSame(place);
            }
        }

        if (Equals(IsDeleted(stored), row.Values[_deleted]))
        {
            row.MarkSame(_deleted);
        }
    }

    public sealed override Func<IResource, bool> Filter(string text)
    {
        var filter = Columns.Filters.Parse(text);
        return resource => filter.Matches((T)resource);
    }

    internal override IReadOnlyList<(string?[] Values, long Count)> Count(
        StoreReader reader, string filter, IReadOnlyList<string> groupBy, bool showDeleted)
    {
        GroupField[] fields = [.. groupBy.Select(name => Columns.Groups.Single(field => field.Name == name))];
        return new GroupedCount<T>(Table, fields, FilterOf(filter), showDeleted).Read(reader);
    }

    internal override IReadOnlyList<SnapshotRow> Snapshot(
        StoreReader reader, string filter, bool showDeleted, long revision, SnapshotRow? after) =>
        new SnapshotPage<T>(Table, FilterOf(filter), showDeleted, revision).Read(reader, after);

    /// <summary>Reads a page of the kind's rows.</summary>
    internal ListedRows List(StoreReader reader, PageTokens tokens, ListQuery query) =>
        new KeysetPage<T>(Table, Order(query.OrderBy), FilterOf(query.Filter), query).Read(reader, tokens);

    private (int Place, ColumnValue<T> Column)[] Values =>
        _values ??= [.. Columns.Values.Select(column => (Table.PlaceOf(column.Name), column))];

    private Filter<T>? FilterOf(string text) => text.Length > 0 ? Columns.Filters.Parse(text) : null;

    /// <summary>The default order is kept. Any other order is built for each list, because callers can ask for many.</summary>
    private KeysetOrder Order(string text) =>
        text.Length > 0 ? new KeysetOrder(Columns.Sorts, text) : _usualOrder ??= new KeysetOrder(Columns.Sorts, text);
}
