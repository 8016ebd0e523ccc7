using System.Threading.Channels;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>Follows the commits of the organizations that are being watched, and wakes their watches on a task of its own, off the lane.</summary>
internal sealed class ChangeTail : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OrganizationTail> _tails = [];
    private readonly Channel<OrganizationTail> _due = Channel.CreateUnbounded<OrganizationTail>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskStore _store;
    private readonly WatchOptions _options;

    public ChangeTail(CommitSignal signal, TaskStore store, IOptions<WatchOptions> options)
    {
        _store = store;
        _options = options.Value;
        signal.Committed += OnCommitted;
    }

    /// <summary>Begins to hold an organization's recent changes, for as long as at least one watch does.</summary>
    public async ValueTask<OrganizationTail> HoldAsync(string organizationId, CancellationToken cancellationToken)
    {
        var tail = Hold(organizationId, out var isNew);
        if (isNew)
        {
            try
            {
                // Held before it asks where the log stands: a commit in between is appended and not missed.
                using var lease = await _store.RentAsync(organizationId, cancellationToken);
                tail.StartAfter(lease.Reader.Head().Revision);
            }
            catch
            {
                Release(tail);
                throw;
            }
        }

        return tail;
    }

    public void Release(OrganizationTail tail)
    {
        lock (_gate)
        {
            if (--tail.Watches == 0)
            {
                _tails.Remove(tail.OrganizationId);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var tail in _due.Reader.ReadAllAsync(stoppingToken))
        {
            Volatile.Write(ref tail.IsQueued, 0);
            tail.Dispatch();
        }
    }

    private OrganizationTail Hold(string organizationId, out bool isNew)
    {
        lock (_gate)
        {
            isNew = !_tails.TryGetValue(organizationId, out var tail);
            if (tail is null)
            {
                _tails[organizationId] = tail = new OrganizationTail(organizationId, _options.RecentBytes);
            }

            tail.Watches++;
            return tail;
        }
    }

    private void OnCommitted(string organizationId, IReadOnlyList<LoggedChange> changes)
    {
        OrganizationTail? tail;
        lock (_gate)
        {
            if (!_tails.TryGetValue(organizationId, out tail))
            {
                return;
            }
        }

        tail.Append(changes);
        // In line once at most, so the queue is bounded by the number of watched organizations.
        if (Interlocked.Exchange(ref tail.IsQueued, 1) == 0)
        {
            _due.Writer.TryWrite(tail);
        }
    }
}
