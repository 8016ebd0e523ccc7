using TaskGrpc.Server.Storage.Rows;

namespace TaskGrpc.Server.Storage;

/// <summary>The commit path's own connection with its prepared statements. Not thread-safe: one worker owns it.</summary>
internal abstract class StoreWriter : IDisposable
{
    private readonly StoreConnection _connection;
    private readonly SubtaskGraph _graph;
    private readonly DeliverySchedule _schedule;
    private readonly ExecutionKeys _executions;
    private readonly SigningSecrets _secrets;
    private readonly Query _change;

    protected StoreWriter(StoreConnection db)
    {
        _connection = db;
        Values = db.Values;
        Resources = new PointReads(db);
        _graph = new SubtaskGraph(db, Values);
        _schedule = new DeliverySchedule(db, Values);
        _executions = new ExecutionKeys(db, Values);
        _secrets = new SigningSecrets(db, Values);
        _change = new Query(db.Connection, "SELECT body FROM changes WHERE organization_id = @organization AND revision = @revision AND ordinal = @ordinal", "@organization", "@revision", "@ordinal");
    }

    /// <summary>What the graph of subtasks looks like to this transaction.</summary>
    public SubtaskGraph Graph => Written(_graph);

    /// <summary>What the schedule of delivery attempts looks like to this transaction.</summary>
    public DeliverySchedule Schedule => Written(_schedule);

    /// <summary>What the task executions look like to this transaction.</summary>
    public ExecutionKeys Executions => Written(_executions);

    /// <summary>What the signing secrets look like to this transaction.</summary>
    public SigningSecrets Secrets => Written(_secrets);

    protected StoredValues Values { get; }

    protected PointReads Resources { get; }

    /// <summary>Begins a transaction that may change one organization, or none where the name is empty.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="foreseen">What its commands will ask for.</param>
    /// <param name="patience">How long to wait for another replica that is changing the organization; null for as long as any commit
    /// waits at once.</param>
    public abstract void Begin(string organizationId, Foreseen foreseen, TimeSpan? patience = null);

    /// <summary>Has everything that was written reach the database. Nothing of it counts before <see cref="Commit"/>.</summary>
    public abstract void Send();

    public abstract void Commit();

    /// <summary>What there is to do between two transactions, once the callers of the first have been answered. It does not throw: a failure shows at the next <see cref="Begin"/>.</summary>
    public virtual void AfterCommit()
    {
    }

    /// <summary>Undoes the transaction, whether or not the database has already done so by itself; false if the connection can no longer be trusted.</summary>
    public abstract bool TryRollback();

    /// <summary>Fetches resources that are going to be looked up, all at once, where each look-up would be a round trip.</summary>
    public virtual void Foresee(Type row, Guid[] ids)
    {
    }

    public virtual StoredBody? Find(Type row, string organizationId, Guid id) => Resources.Find(row, organizationId, id);

    /// <summary>A change of the log as its message's bytes; null if there is none at this place.</summary>
    public byte[]? FindChange(string organizationId, long revision, int ordinal) => (byte[]?)_change.Scalar(organizationId, revision, ordinal);

    /// <summary>Takes the organization's next <paramref name="count"/> revisions and returns the last of them.</summary>
    public abstract long Advance(string organizationId, int count);

    public abstract RequestRow? FindRequest(Guid requestId, string organizationId, string caller);

    /// <summary>Forgets up to about <paramref name="limit"/> of the oldest requests from before <paramref name="before"/> and returns how many.</summary>
    public abstract int ExpireRequests(DateTimeOffset before, int limit);

    /// <summary>Removes about <paramref name="limit"/> of the oldest changes from before <paramref name="before"/>, whole revisions, and returns how many.</summary>
    public abstract int Compact(DateTimeOffset before, int limit);

    public abstract void Insert(object row);

    /// <summary>Replaces a row as a whole.</summary>
    public abstract void Update(object row);

    public abstract void Delete(object row);

    public virtual void Dispose()
    {
        Resources.Dispose();
        _graph.Dispose();
        _schedule.Dispose();
        _executions.Dispose();
        _secrets.Dispose();
        _change.Dispose();
        _connection.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Questions see everything that was written before them.</summary>
    private T Written<T>(T questions)
    {
        Send();
        return questions;
    }
}
