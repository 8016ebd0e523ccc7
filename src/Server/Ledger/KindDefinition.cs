using Google.Protobuf;
using Google.Protobuf.Reflection;
using TaskGrpc.Server.Storage.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger;

/// <summary>What the ledger must know of a kind of resource. What it can, it reads from the message's descriptor.</summary>
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

    /// <summary>The kind's table, by its row.</summary>
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

    public abstract IResource Parse(byte[] body);

    /// <summary>An empty message of the kind.</summary>
    public abstract IResource New();

    public abstract bool IsDeleted(IResource resource);

    /// <summary>The row with the kind's own columns; what all kinds share, the ledger fills in.</summary>
    public abstract ResourceRow ToRow(IResource resource);

    private static IFieldAccessor FieldOfChange(string oneof, MessageDescriptor resource) =>
        Change.Descriptor.Oneofs.Single(candidate => candidate.Name == oneof).Fields.Single(field => field.MessageType == resource).Accessor;
}

/// <summary>A kind of resource, by its message.</summary>
internal abstract class KindDefinition<T>(ResourceKind kind, Type row) : KindDefinition(kind, new T().Descriptor, row)
    where T : class, IMessage<T>, IResource, new()
{
    private readonly MessageParser<T> _parser = new(() => new T());

    public override T Parse(byte[] body) => _parser.ParseFrom(body);

    public override IResource New() => new T();

    public sealed override bool IsDeleted(IResource resource) => IsDeleted((T)resource);

    public sealed override ResourceRow ToRow(IResource resource) => ToRow((T)resource);

    protected abstract bool IsDeleted(T resource);

    protected abstract ResourceRow ToRow(T resource);

    /// <summary>Reads a page of the kind's rows.</summary>
    internal abstract ListedRows List(Storage.StoreReader reader, ListQuery query);
}

/// <summary>A kind of resource, by its message and its row.</summary>
internal abstract class KindDefinition<T, TRow>(ResourceKind kind) : KindDefinition<T>(kind, typeof(TRow))
    where T : class, IMessage<T>, IResource, new()
    where TRow : ResourceRow
{
    /// <summary>The fields that order_by may name.</summary>
    public abstract IReadOnlyList<SortField<TRow>> SortFields { get; }

    internal override ListedRows List(Storage.StoreReader reader, ListQuery query) => new KeysetPage<TRow>(SortFields, query).Read(reader);
}
