using System.Threading.Channels;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Storage.Postgres;

namespace TaskGrpc.Server.Watching;

/// <summary>Tells other replicas what this one has committed, as soon as it has, and hears the same from them. What is lost here, the poll finds.</summary>
internal sealed class CommitHints : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _unsaid = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ChangeTail _changes;
    private readonly HintChannel _channel;
    private readonly ILogger<CommitHints> _logger;

    public CommitHints(CommitSignal signal, ChangeTail changes, HintChannel channel, ILogger<CommitHints> logger)
    {
        (_changes, _channel, _logger) = (changes, channel, logger);
        signal.Committed += OnCommitted;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(AgainAndAgainAsync(ListenAsync, stoppingToken), AgainAndAgainAsync(SayAsync, stoppingToken));

    /// <summary>Whatever ends it but a shutdown, it is begun again, a little later and not by all replicas at once.</summary>
    private async Task AgainAndAgainAsync(Func<CancellationToken, Task> run, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await run(stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                _logger.HintsFailed(exception);
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(100, 500)), TimeProvider.System, stopping);
            }
        }
    }

    private Task ListenAsync(CancellationToken stopping) => _channel.ListenAsync(
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

    private async Task SayAsync(CancellationToken stopping)
    {
        try
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

                await _channel.SendAsync(organizations, stopping);
            }
        }
        finally
        {
            await _channel.DisposeAsync();
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
