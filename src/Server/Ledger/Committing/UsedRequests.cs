using Google.Protobuf;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>The request ids that the commands of a batch use, with the stored ones that they repeat.</summary>
internal sealed class UsedRequests(StoreWriter writer, TimeSpan retention)
{
    private readonly Dictionary<(Guid, string, string), RequestRow> _used = [];
    private readonly HashSet<(Guid, string, string)> _expired = [];
    private readonly List<RequestRow> _pending = [];

    public IEnumerable<RequestRow> All => _used.Values;

    public bool HasWritten { get; private set; }

    /// <summary>Answers a command whose request was made before; false for a new one.</summary>
    /// <exception cref="Fault">REQUEST_ID_REUSED.</exception>
    public bool TryRepeat(LedgerCommand command, UnitOfWork unit, DateTimeOffset now)
    {
        if (command.RequestId is not { } requestId || Find(requestId, command.Caller, now) is not { } earlier)
        {
            return false;
        }

        if (!command.Fingerprint.AsSpan().SequenceEqual(earlier.Fingerprint))
        {
            throw new Fault(
                ErrorReason.RequestIdReused,
                "Another request used this request_id within the last 24 hours. Send a new one with each request, except a repeat.")
            {
                Violations = [new FieldViolation("request_id", "was used by another request")],
            };
        }

        command.Repeat(earlier.Answer, unit);
        return true;
    }

    /// <summary>Keeps the answer of a command that has a request id.</summary>
    public void Add(LedgerCommand command, IMessage answer, DateTimeOffset now)
    {
        if (command.RequestId is not { } requestId)
        {
            return;
        }

        var row = new RequestRow
        {
            RequestId = requestId,
            OrganizationId = command.Caller.OrganizationId,
            Caller = command.Caller.Key,
            Fingerprint = command.Fingerprint,
            Answer = answer.ToByteArray(),
            CreatedAt = now,
        };
        _used[(requestId, row.OrganizationId, row.Caller)] = row;
        _pending.Add(row);
    }

    public void Flush()
    {
        _pending.ForEach(writer.Insert);
        HasWritten |= _pending.Count > 0;
        _pending.Clear();
    }

    private RequestRow? Find(Guid requestId, Caller caller, DateTimeOffset now)
    {
        var key = (requestId, caller.OrganizationId, caller.Key);
        if (_used.TryGetValue(key, out var pending))
        {
            return pending;
        }

        var stored = writer.FindRequest(requestId, caller.OrganizationId, caller.Key);
        if (stored is null || now - stored.CreatedAt < retention)
        {
            return stored;
        }

        // Expired but not removed yet: the id is free again.
        if (_expired.Add(key))
        {
            writer.Delete(stored);
            HasWritten = true;
        }

        return null;
    }
}
