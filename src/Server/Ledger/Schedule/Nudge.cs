using System.Threading.Channels;

namespace TaskGrpc.Server.Ledger.Schedule;

/// <summary>Wakes one waiter, once for any number of nudges since it last woke.</summary>
internal sealed class Nudge
{
    private readonly Channel<bool> _given =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Give() => _given.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken cancellationToken) => await _given.Reader.ReadAsync(cancellationToken);
}
