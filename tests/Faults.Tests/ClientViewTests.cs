using System.Collections.Concurrent;
using CsCheck;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Filters;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>
/// The view that a client builds from ENTERED, STAYED and LEFT equals List at the same revision, through churn, cut connections and
/// restarts (T10, W1 to W9).
/// </summary>
public sealed class ClientViewTests(ITestOutputHelper output) : IDisposable
{
    private const string Organization = "org";

    private readonly TemporaryFolder _folder = new();
    private readonly HistoryFile _history = new();
    private readonly CancellationTokenSource _stopWriting = new();
    private readonly CancellationTokenSource _stopWatching = new();

    public void Dispose()
    {
        _folder.Dispose();
        _stopWriting.Dispose();
        _stopWatching.Dispose();
    }

    [Fact]
    public async Task T10_A_thousand_cuts_at_random_bytes_Break_no_invariant()
    {
        const int cuts = 1000;
        await using var server = await TestServer.StartAsync(_folder.Path);
        using var own = server.Client(Organization);
        var (random, isCutting) = (new Random(5), true);
        // Two of three cuts hit the first frames, the others a later place.
        await using var proxy = new CuttingProxy(
            server.Grpc, () => !isCutting ? long.MaxValue : random.Next(3) > 0 ? random.Next(50, 3_000) : random.Next(3_000, 60_000));
        var recorders = Recorders(proxy.Address, 20);
        var watching = recorders.Select(item => item.Recorder.RunAsync(_stopWatching.Token)).ToArray();
        var writers = Enumerable.Range(0, 4).Select(seed => new RandomWriter(own, seed)).ToArray();
        var writing = writers.Select(writer => writer.RunAsync(_stopWriting.Token)).ToArray();
        while (proxy.Cuts < cuts)
        {
            await BackOff.WaitAsync();
        }

        isCutting = false;
        await _stopWriting.CancelAsync();
        await Task.WhenAll(writing);
        await CheckAsync(own, recorders, watching, $"{proxy.Cuts} cuts");
    }

    [Fact]
    public async Task Views_under_churn_cuts_and_restarts_Equal_the_list_at_the_same_revision()
    {
        const int restarts = 4;
        using var server = new ServerProcess(Path.Combine(_folder.Path, "data"));
        await server.StartAsync();
        var random = new Random(6);
        await using var proxy = new CuttingProxy(server.Address, () => random.Next(2_000, 200_000));
        using var own = server.Client(Organization);
        var recorders = Recorders(proxy.Address, 8);
        var watching = recorders.Select(item => item.Recorder.RunAsync(_stopWatching.Token)).ToArray();
        var writers = Enumerable.Range(0, 8).Select(seed => new RandomWriter(own, seed)).ToArray();
        var writing = writers.Select(writer => writer.RunAsync(_stopWriting.Token)).ToArray();
        var lists = new ConcurrentQueue<(WatchedView View, ListAgentTasksResponse List)>();
        var listing = ListAsync(own, [.. recorders.Select(item => item.Recorder.View)], lists);
        for (var i = 1; i <= restarts; i++)
        {
            while (writers.Sum(writer => writer.Written) < i * 200)
            {
                await BackOff.WaitAsync();
            }

            await server.KillAsync();
            await server.StartAsync();
        }

        await _stopWriting.CancelAsync();
        await Task.WhenAll([.. writing, listing]);
        using var patient = server.Client(Organization, maxAttempts: 5);
        var truth = await CheckAsync(patient, recorders, watching, $"{restarts} restarts, {proxy.Cuts} cuts, {lists.Count} lists");
        foreach (var (view, list) in lists)
        {
            var expected = truth.Log.TakeWhile(change => change.Revision <= list.Revision).GroupBy(change => change.AgentTask.Id)
                .Select(changes => changes.Last().AgentTask).Where(view.Holds);
            Assert.Equal(expected.OrderBy(task => task.Id, StringComparer.Ordinal),
                list.AgentTasks.OrderBy(task => task.Id, StringComparer.Ordinal));
        }
    }

    private List<(TaskGrpcClient Client, ViewRecorder Recorder)> Recorders(Uri address, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
        {
            // Each client has its own connection, so that a cut hits one client only.
            var client = new TaskGrpcClient(new TaskGrpcClientOptions
            {
                Address = address,
                InitialBackoff = TimeSpan.FromMilliseconds(2),
                MaxBackoff = TimeSpan.FromMilliseconds(50),
                Metadata = new Metadata { { "x-organization-id", Organization } },
            });
            var view = new WatchedView(i % 4 == 0 ? null : FilterGen.Filter.Single(), ShowDeleted: i % 8 >= 4);
            return (client, new ViewRecorder(client, Organization, $"view-{i}: {view}", view, snapshot: i % 2 == 0, _history));
        }),
    ];

    private async Task<GroundTruth> CheckAsync(
        TaskGrpcClient own, List<(TaskGrpcClient Client, ViewRecorder Recorder)> recorders, Task[] watching, string faults)
    {
        var truth = await GroundTruth.ReadAsync(own, Organization);
        foreach (var (_, recorder) in recorders)
        {
            await BackOff.ReachAsync(recorder.Name, () => recorder.Progress, truth.Head, TimeSpan.FromSeconds(30));
        }

        await _stopWatching.CancelAsync();
        await Task.WhenAll(watching);
        recorders.ForEach(item => item.Client.Dispose());
        var path = Path.Combine(_folder.Path, "history.jsonl");
        await _history.WriteAsync(path);
        var history = await HistoryFile.ReadAsync(path);
        output.WriteLine(
            $"{faults}, {truth.Log.Count} changes, {recorders.Count} watches, {history.Count} messages with "
            + $"{history.OfType<MessageEntry>().Sum(entry => WatchResponse.Parser.ParseFrom(entry.Message).Events.Count)} events.");
        Assert.Empty(HistoryChecker.Check(truth, history, recorders.ToDictionary(item => item.Recorder.Name, item => item.Recorder.View)));
        return truth;
    }

    private async Task ListAsync(TaskGrpcClient client, WatchedView[] views, ConcurrentQueue<(WatchedView, ListAgentTasksResponse)> lists)
    {
        var random = new Random(7);
        while (!_stopWriting.IsCancellationRequested)
        {
            var view = views[random.Next(views.Length)];
            try
            {
                var list = await client.AgentTasks.ListAgentTasksAsync(
                    new() { Filter = view.Filter?.Text ?? "", ShowDeleted = view.ShowDeleted, PageSize = 1000 });
                if (list.NextPageToken.Length == 0)
                {
                    lists.Enqueue((view, list));
                }
            }
            catch (RpcException exception) when (
                exception.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Internal or StatusCode.Unknown)
            {
                // The server restarts.
            }

            await BackOff.WaitAsync();
        }
    }
}
