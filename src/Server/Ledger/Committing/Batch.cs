using System.Data.Common;
using Google.Protobuf;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// The commands of one transaction, and the rows as these commands changed them. It writes the changes of all accepted commands
/// together: a resource that several commands changed once, and an organization's counter once.
/// </summary>
internal sealed class Batch(StoreWriter writer, TimeProvider time, TimeSpan requestRetention)
{
    private readonly Dictionary<Guid, ResourceState> _states = [];
    private readonly HashSet<Guid> _unstored = [];
    private readonly Dictionary<(KindDefinition, string, string), Guid> _keys = [];
    private readonly UsedRequests _requests = new(writer, requestRetention);
    private readonly List<UnitOfWork> _pending = [];
    private readonly Dictionary<Guid, LeaseRow?> _leases = [];
    private readonly NetRows _rows = new();
    private readonly Dictionary<string, long> _heads = [];
    private readonly Dictionary<object, object> _shared = [];
    private bool _hasWritten;

    /// <summary>The changes that this batch adds to each organization's log, in order.</summary>
    public Dictionary<string, List<LoggedChange>> Logged { get; } = [];

    public IEnumerable<RequestRow> Requests => _requests.All;

    public bool HasWritten => _hasWritten || _requests.HasWritten;

    /// <summary>Every state that an accepted command made, in order.</summary>
    public List<ResourceState> Accepted { get; } = [];

    /// <summary>Whether COMMIT was sent: from then on only the database knows the outcome.</summary>
    public bool IsSentToCommit { get; set; }

    public ResourceState? Find(KindDefinition kind, string organizationId, Guid id)
    {
        if (!_states.TryGetValue(id, out var state))
        {
            if (writer.Find(kind.Table, organizationId, id) is not { } stored)
            {
                return null;
            }

            _states[id] = state = new ResourceState(kind, kind.Parse(stored.Body), stored.Version, Moment.ToTimestamp(stored.ChangedAt));
        }

        return state.Kind == kind && state.Resource.OrganizationId == organizationId ? state : null;
    }

    /// <summary>Takes note of a stored resource that a command has found by itself.</summary>
    public void Learn(KindDefinition kind, Guid id, IResource resource, StoredBody stored) =>
        _states.TryAdd(id, new ResourceState(kind, resource, stored.Version, Moment.ToTimestamp(stored.ChangedAt)));

    /// <summary>The resource with an external key, deleted or not; null if the key is free.</summary>
    public Guid? FindKey(KindDefinition kind, string organizationId, string key) =>
        _keys.TryGetValue((kind, organizationId, key), out var pending) ? pending : writer.FindKey(kind.Table, organizationId, key);

    /// <summary>A resource's lease; null if it has none.</summary>
    public LeaseRow? FindLease(string organizationId, Guid id) =>
        _leases.TryGetValue(id, out var known) ? known : _leases[id] = writer.FindLease(organizationId, id);

    /// <summary>The revision that the organization's next command takes, if it changes anything.</summary>
    public long NextRevision(string organizationId)
    {
        if (!_heads.TryGetValue(organizationId, out var head))
        {
            _heads[organizationId] = head = writer.Revision(organizationId);
        }

        return head + _pending.Count(unit => unit.Changes.Count > 0 && unit.Caller.OrganizationId == organizationId) + 1;
    }

    /// <summary>What the commands of this batch share under a key; made by the first that asks.</summary>
    public T Shared<T>(object key, Func<StoreWriter, T> make)
        where T : class
    {
        if (!_shared.TryGetValue(key, out var shared))
        {
            _shared[key] = shared = make(writer);
        }

        return (T)shared;
    }

    /// <summary>Fetches resources that a command is going to change, unless the batch has them already.</summary>
    public void Foresee(KindDefinition kind, IEnumerable<Guid> ids)
    {
        Guid[] missing = [.. ids.Where(id => !_states.ContainsKey(id))];
        if (missing.Length > 1)
        {
            writer.Foresee(kind.Table, missing);
        }
    }

    /// <summary>Runs a command. Keeps its changes if it succeeds; drops only its changes if it is refused.</summary>
    public void Run(LedgerCommand command)
    {
        if (command.IsAbandoned)
        {
            command.Refuse(new OperationCanceledException());
            return;
        }

        var now = time.GetUtcNow();
        try
        {
            var unit = new UnitOfWork(this, command.Caller, now);
            if (_requests.TryRepeat(command, unit, now))
            {
                return;
            }

            var answer = command.Run(unit);
            if (!command.DryRun)
            {
                Accept(command, unit, answer, now);
            }
        }
        catch (Exception refusal) when (refusal is not (DbException or RowMismatchException))
        {
            command.Refuse(refusal);
        }
    }

    /// <summary>The transaction, after the changes of all commands accepted so far are written.</summary>
    public StoreWriter Flushed()
    {
        Flush();
        return writer;
    }

    /// <summary>Writes what the accepted commands changed: counters, changes, rows, answers.</summary>
    public void Flush()
    {
        var touched = new Dictionary<Guid, (IResource? Before, ResourceState After, long Revision)>();
        foreach (var own in _pending.Where(unit => unit.Changes.Count > 0).GroupBy(unit => unit.Caller.OrganizationId))
        {
            var revision = (_heads[own.Key] = writer.Advance(own.Key, own.Count())) - own.Count();
            foreach (var unit in own)
            {
                Log(unit, ++revision);
                foreach (var change in unit.Changes)
                {
                    var before = touched.TryGetValue(change.Id, out var known) ? known.Before : change.Before;
                    touched[change.Id] = (before, unit.States[change.Id], revision);
                }
            }
        }

        foreach (var (id, (before, after, revision)) in touched)
        {
            Write(id, before, after, revision);
        }

        _rows.Flush(writer);
        foreach (var effect in _pending.SelectMany(unit => unit.Effects))
        {
            effect(writer);
        }

        _requests.Flush();
        _hasWritten |= _pending.Count > 0;
        _pending.Clear();
    }

    private void Accept(LedgerCommand command, UnitOfWork unit, IMessage? answer, DateTimeOffset now)
    {
        foreach (var (id, state) in unit.States)
        {
            _states[id] = state;
            Accepted.Add(state);
        }

        foreach (var (id, lease) in unit.Leases)
        {
            _leases[id] = lease;
        }

        unit.Rows.ForEach(row => _rows.Set(row.Key, row.Was, row.Now));

        foreach (var change in unit.Changes.Where(change => change.Before is null))
        {
            _unstored.Add(change.Id);
            if (change.After is IKeyedResource { HasExternalKey: true } keyed)
            {
                _keys[(change.Kind, keyed.OrganizationId, keyed.ExternalKey)] = change.Id;
            }
        }

        if (unit.Changes.Count + unit.Rows.Count + unit.Effects.Count > 0)
        {
            _pending.Add(unit);
        }

        if (answer is not null)
        {
            _requests.Add(command, answer, now);
        }
    }

    private void Log(UnitOfWork unit, long revision)
    {
        var organizationId = unit.Caller.OrganizationId;
        if (!Logged.TryGetValue(organizationId, out var logged))
        {
            Logged[organizationId] = logged = [];
        }

        for (var ordinal = 0; ordinal < unit.Changes.Count; ordinal++)
        {
            var staged = unit.Changes[ordinal];
            var row = new ChangeRow
            {
                OrganizationId = organizationId,
                Revision = revision,
                Ordinal = ordinal,
                Remaining = unit.Changes.Count - 1 - ordinal,
                Kind = (int)staged.Kind.Kind,
                ResourceId = staged.Id,
                Type = (int)staged.Type,
                ChangedAt = staged.ChangedAt.ToDateTimeOffset(),
                Body = staged.ToChange(revision).ToByteArray(),
            };
            writer.Insert(row);
            logged.Add(LoggedChange.Of(row));
        }
    }

    private void Write(Guid id, IResource? stored, ResourceState state, long revision)
    {
        var row = state.Kind.ToRow(state.Resource, state.Version, revision, state.ChangedAt.ToDateTimeOffset());
        if (_unstored.Remove(id))
        {
            writer.Insert(row);
        }
        else
        {
            if (writer.WritesOnlyChanges)
            {
                state.Kind.MarkSame(row, stored!);
            }

            writer.Update(row);
        }
    }
}
