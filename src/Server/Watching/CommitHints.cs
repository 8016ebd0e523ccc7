using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Watching;

/// <summary>Sends other replicas a hint after each commit, and receives theirs. The poll makes up for lost hints.</summary>
internal sealed class CommitHints : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause between two attempts. An attempt that lasted longer than this resets the back-off.</summary>
    private static readonly TimeSpan MostPause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _unsent = [];
    private readonly Nudge _wake = new();
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
        ? Task.WhenAll(AgainAndAgainAsync(ListenAsync, shared, stoppingToken), AgainAndAgainAsync(SendAsync, shared, stoppingToken))
        : Task.CompletedTask;

    /// <summary>Runs it again when it ends, until the shutdown; after a failure with a back-off that differs between replicas.</summary>
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
                // With several hosts, Npgsql reports a cancellation as a failure to connect.
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

    private async Task SendAsync(SharedStore shared, CancellationToken stopping)
    {
        while (true)
        {
            // Commits during one hint gather for the next.
            await _wake.WaitAsync(stopping);
            string[] organizations;
            lock (_gate)
            {
                organizations = [.. _unsent];
                _unsent.Clear();
            }

            await shared.HintAsync(organizations, stopping);
        }
    }

    private void OnCommitted(string organizationId, IReadOnlyList<LoggedChange> changes)
    {
        lock (_gate)
        {
            _unsent.Add(organizationId);
        }

        _wake.Give();
    }
}
