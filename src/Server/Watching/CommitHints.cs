using System.Threading.Channels;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>Tells other replicas what this one has committed, as soon as it has, and hears the same from them. What is lost here, the poll finds.</summary>
internal sealed class CommitHints : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The longest pause between two attempts, and for how long one must have lasted for the next pause to be short again.
    /// </summary>
    private static readonly TimeSpan MostPause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _unsaid = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ChangeTail _changes;
    private readonly SharedStore? _shared;
    private readonly StoreOutages _outages;

    public CommitHints(CommitSignal signal, ChangeTail changes, TaskStore store, StoreOutages outages)
    {
        (_changes, _shared, _outages) = (changes, store.Shared, outages);
        if (_shared is not null)
        {
            signal.Committed += OnCommitted;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _shared is { } shared
        ? Task.WhenAll(AgainAndAgainAsync(ListenAsync, shared, stoppingToken), AgainAndAgainAsync(SayAsync, shared, stoppingToken))
        : Task.CompletedTask;

    /// <summary>Whatever ends it but a shutdown, it is begun again, a little later and not by all replicas at once.</summary>
    private async Task AgainAndAgainAsync(Func<SharedStore, CancellationToken, Task> run, SharedStore shared, CancellationToken stopping)
    {
        var backOff = new BackOff(FirstPause, MostPause);
        while (!stopping.IsCancellationRequested)
        {
            var began = TimeProvider.System.GetTimestamp();
            try
            {
                await run(shared, stopping);
            }
            catch (Exception exception)
            {
                // With several hosts, a cancellation comes as a failure to connect.
                if (stopping.IsCancellationRequested)
                {
                    return;
                }

                _outages.Failed(StorageFailure.Lost, exception);
                if (TimeProvider.System.GetElapsedTime(began) > MostPause)
                {
                    backOff.Reset();
                }

                await Task.Delay(backOff.Next(), TimeProvider.System, stopping);
            }
        }
    }

    private Task ListenAsync(SharedStore shared, CancellationToken stopping) => shared.ListenAsync(
        organizations =>
        {
            foreach (var organization in organizations)
            {
                if (_changes.Find(organization) is { } tail)
                {
                    _changes.CatchUp(tail);
                }
            }
        },
        stopping);

    private async Task SayAsync(SharedStore shared, CancellationToken stopping)
    {
        // While one hint is on its way, everything that comes gathers for the next.
        await foreach (var _ in _wake.Reader.ReadAllAsync(stopping))
        {
            string[] organizations;
            lock (_gate)
            {
                organizations = [.. _unsaid];
                _unsaid.Clear();
            }

            await shared.HintAsync(organizations, stopping);
        }
    }

    private void OnCommitted(string organizationId, IReadOnlyList<LoggedChange> changes)
    {
        lock (_gate)
        {
            _unsaid.Add(organizationId);
        }

        _wake.Writer.TryWrite(true);
    }
}
