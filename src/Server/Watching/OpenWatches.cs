using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>Counts the open watches of this server, of each organization and of each caller, and enforces their limits.</summary>
internal sealed class OpenWatches(IOptions<WatchOptions> options, WatchMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly OpenCounts<string> _ofOrganization = new();
    private readonly OpenCounts<(string OrganizationId, string Caller)> _ofCaller = new();
    private int _open;

    public int Count => Volatile.Read(ref _open);

    /// <exception cref="Fault">WATCH_LIMIT.</exception>
    public Place Enter(Caller caller)
    {
        var own = (caller.OrganizationId, caller.Key);
        lock (_gate)
        {
            Require(_open < options.Value.MaxOpen,
                $"This server holds {options.Value.MaxOpen} watches already. Close one, watch several ids in one, or use another "
                + "replica.");
            Require(_ofOrganization.Of(caller.OrganizationId) < options.Value.MaxOpenPerOrganization,
                $"Your organization has {options.Value.MaxOpenPerOrganization} watches open on this server already. Close one, or watch "
                + "several ids in one.");
            Require(_ofCaller.Of(own) < options.Value.MaxOpenPerCaller,
                $"You have {options.Value.MaxOpenPerCaller} watches open on this server already. Close one, or watch several ids in one.");
            _open++;
            _ofOrganization.Enter(caller.OrganizationId);
            _ofCaller.Enter(own);
        }

        metrics.Opened();
        return new Place(this, own);
    }

    private void Leave((string OrganizationId, string Caller) own)
    {
        lock (_gate)
        {
            _open--;
            _ofOrganization.Leave(own.OrganizationId);
            _ofCaller.Leave(own);
        }

        metrics.Closed();
    }

    private static void Require(bool hasRoom, string otherwise)
    {
        if (!hasRoom)
        {
            throw new Fault(ErrorReason.WatchLimit, otherwise);
        }
    }

    internal readonly struct Place(OpenWatches watches, (string OrganizationId, string Caller) own) : IDisposable
    {
        public void Dispose() => watches.Leave(own);
    }
}
