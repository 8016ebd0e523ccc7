using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>Counts the watches that are open on this server and refuses more than it is to hold.</summary>
internal sealed class OpenWatches(IOptions<WatchOptions> options, WatchMetrics metrics)
{
    private int _open;

    public int Count => Volatile.Read(ref _open);

    /// <exception cref="Fault">WATCH_LIMIT.</exception>
    public Place Enter()
    {
        if (Interlocked.Increment(ref _open) > options.Value.MaxOpen)
        {
            Interlocked.Decrement(ref _open);
            throw new Fault(ErrorReason.WatchLimit, $"This server holds {options.Value.MaxOpen} watches already. Close one, watch several ids in one, or use another replica.");
        }

        metrics.Opened();
        return new Place(this);
    }

    private void Leave()
    {
        Interlocked.Decrement(ref _open);
        metrics.Closed();
    }

    internal readonly struct Place(OpenWatches watches) : IDisposable
    {
        public void Dispose() => watches.Leave();
    }
}
