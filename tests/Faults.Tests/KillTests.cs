using TaskGrpc.Faults.Tests.History;
using TaskGrpc.Testing;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>T1: SIGKILL, again and again, under writers and watches. Nothing acknowledged is lost, no watch misses or doubles a change.</summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Rounds = 10;
    private const int WritersPerOrganization = 8;
    private const int WatchersPerOrganization = 5;
    private const int AcknowledgedPerRound = 400;

    private static readonly string[] Organizations = ["north", "south", "east", "west"];

    private readonly TemporaryFolder _folder = new();
    private readonly HistoryFile _history = new();
    private readonly SemaphoreSlim _acknowledged = new(0);

    public void Dispose()
    {
        _folder.Dispose();
        _acknowledged.Dispose();
    }

    [Fact]
    public async Task Ten_kills_under_32_writers_and_20_watches_Break_no_invariant()
    {
        using var server = new ServerProcess(Path.Combine(_folder.Path, "data"));
        await server.StartAsync();
        var clients = Organizations.ToDictionary(organization => organization, organization => server.Client(organization));
        using var stopWriting = new CancellationTokenSource();
        using var stopWatching = new CancellationTokenSource();
        var watchers = Organizations.SelectMany(organization => Enumerable.Range(0, WatchersPerOrganization).Select(i => (organization, watcher: new RecordingWatcher(clients[organization], organization, $"{organization}-{i}", _history)))).ToArray();
        var watching = watchers.Select(item => item.watcher.RunAsync(stopWatching.Token)).ToArray();
        var writing = Organizations.SelectMany(organization => Enumerable.Range(0, WritersPerOrganization).Select(_ => new RecordingWriter(clients[organization], organization, _history, () => _acknowledged.Release()).RunAsync(stopWriting.Token))).ToArray();

        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < AcknowledgedPerRound; i++)
            {
                Assert.True(await _acknowledged.WaitAsync(TimeSpan.FromSeconds(30)), $"The writers have come to a stop in round {round}.");
            }

            await server.KillAsync();
            await server.StartAsync();
        }

        await stopWriting.CancelAsync();
        await Task.WhenAll(writing).WaitAsync(TimeSpan.FromSeconds(30));
        var truths = await Task.WhenAll(Organizations.Select(async organization =>
        {
            using var reader = server.Client(organization, maxAttempts: 5);
            return await GroundTruth.ReadAsync(reader, organization);
        }));
        foreach (var (organization, watcher) in watchers)
        {
            await BackOff.ReachAsync("A watch", () => watcher.Progress, truths.Single(truth => truth.Organization == organization).Head, TimeSpan.FromSeconds(20));
        }

        await stopWatching.CancelAsync();
        await Task.WhenAll(watching);
        await CheckAsync(truths);
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }
    }

    private async Task CheckAsync(GroundTruth[] truths)
    {
        var path = Path.Combine(_folder.Path, "history.jsonl");
        await _history.WriteAsync(path);
        var history = await HistoryFile.ReadAsync(path);
        output.WriteLine($"{Rounds} kills, {truths.Sum(truth => truth.Log.Count)} changes, {history.OfType<CallEntry>().Count()} calls, {history.OfType<MessageEntry>().Count()} messages on {history.OfType<MessageEntry>().Select(message => (message.Stream, message.Session)).Distinct().Count()} connections.");
        Assert.All(truths, truth => Assert.Empty(HistoryChecker.Check(truth, history)));
        Assert.True(truths.Sum(truth => truth.Log.Count) >= Rounds * AcknowledgedPerRound);
        Assert.All(Organizations, organization => Assert.True(history.OfType<MessageEntry>().Where(message => message.Organization == organization).Max(message => message.Session) >= Rounds));
    }
}
