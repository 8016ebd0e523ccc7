using System.Collections.Concurrent;
using System.Globalization;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>Recorded writers and watches that go on through every fault of the servers; at the end the checker runs.</summary>
internal sealed class Workload : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly HistoryFile _history = new();
    private readonly SemaphoreSlim _acknowledged = new(0);
    private readonly CancellationTokenSource _stopWriting = new();
    private readonly CancellationTokenSource _stopWatching = new();
    private readonly List<TaskGrpcClient> _clients = [];
    private readonly ConcurrentQueue<string> _unanswered = [];
    private readonly string[] _organizations;
    private readonly (string Organization, RecordingWatcher Watcher)[] _watchers;
    private readonly Task[] _watching;
    private readonly Task[] _writing;


    /// <param name="organizations">The organizations.</param>
    /// <param name="writers">Writers per organization.</param>
    /// <param name="watches">Watches per organization.</param>
    /// <param name="connect">Makes a client of an organization; called once for each writer and watch.</param>
    /// <param name="pace">The pause of a writer after each answer, to leave processor time for other work.</param>
    public Workload(string[] organizations, int writers, int watches, Func<string, TaskGrpcClient> connect, TimeSpan pace = default)
    {
        _organizations = organizations;
        TaskGrpcClient Connect(string organization)
        {
            var client = connect(organization);
            _clients.Add(client);
            return client;
        }

        _watchers = [
            .. organizations.SelectMany(organization =>
                Enumerable.Range(0, watches)
                .Select(i => (organization, new RecordingWatcher(Connect(organization), organization, $"{organization}-{i}", _history))))];
        _watching = [.. _watchers.Select(item => item.Watcher.RunAsync(_stopWatching.Token))];
        _writing = [.. organizations.SelectMany(organization =>
            Enumerable.Range(0, writers)
            .Select(_ =>
                new RecordingWriter(Connect(organization), organization, _history, () => _acknowledged.Release(),
                    failure => _unanswered.Enqueue($"{failure.StatusCode}: {failure.Status.Detail}"), pace)
                        .RunAsync(_stopWriting.Token)))];
    }

    /// <summary>Waits until the given number of further calls has been acknowledged.</summary>
    public async Task AcknowledgedAsync(int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            if (!await _acknowledged.WaitAsync(Limit))
            {
                await Task.WhenAll(_writing.Where(writer => writer.IsFaulted));
                Assert.Fail("The writers make no progress.");
            }
        }
    }

    /// <summary>Stops the writers, lets the watches reach the end of the log, and checks everything.</summary>
    /// <param name="reader">Makes a client that reads the log and the resources.</param>
    /// <returns>A summary in one sentence.</returns>
    public async Task<string> CheckAsync(Func<string, TaskGrpcClient> reader)
    {
        await _stopWriting.CancelAsync();
        await Task.WhenAll(_writing).WaitAsync(Limit);
        var truths = await Task.WhenAll(_organizations.Select(async organization =>
        {
            using var client = reader(organization);
            return await GroundTruth.ReadAsync(client, organization);
        }));
        foreach (var (organization, watcher) in _watchers)
        {
            await BackOff.ReachAsync("A watch", () => watcher.Progress, truths.Single(truth => truth.Organization == organization).Head,
                TimeSpan.FromSeconds(20));
        }

        await _stopWatching.CancelAsync();
        await Task.WhenAll(_watching).WaitAsync(Limit);
        var path = Path.Combine(_folder.Path, "history.jsonl");
        await _history.WriteAsync(path);
        var history = await HistoryFile.ReadAsync(path);
        Assert.All(truths, truth => Assert.Empty(HistoryChecker.Check(truth, history)));
        Changes = truths.Sum(truth => truth.Log.Count);
        var messages = history.OfType<MessageEntry>().ToList();
        var connections = messages.Select(message => (message.Stream, message.Session)).Distinct().Count();
        return string.Create(CultureInfo.InvariantCulture,
            $"{Changes} changes, {history.OfType<CallEntry>().Count()} calls, {Unanswered.Count} times the client gave up, "
            + $"{messages.Count} messages on {connections} connections of {_watchers.Length} watches; the checker finds nothing.");
    }

    /// <summary>The number of changes in the log at the end.</summary>
    public int Changes { get; private set; }

    /// <summary>How many calls the client library gave up for good, so that a writer repeated them.</summary>
    public IReadOnlyCollection<string> Unanswered => _unanswered;

    public void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        _stopWriting.Dispose();
        _stopWatching.Dispose();
        _acknowledged.Dispose();
        _folder.Dispose();
    }
}
