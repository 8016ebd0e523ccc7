using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Json;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>Readers of server-sent events that do only what a browser does by itself: connect again with the last id.</summary>
public sealed class EventStreamCutTests(ITestOutputHelper output) : IDisposable
{
    private const string Organization = "org";
    private const string Last = "the last task";
    private const int Readers = 10;

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stopWriting = new();
    private readonly CancellationTokenSource _late = new(TimeSpan.FromSeconds(120));

    public void Dispose()
    {
        _folder.Dispose();
        _stopWriting.Dispose();
        _late.Dispose();
    }

    [Fact]
    public async Task A_thousand_cuts_at_random_bytes_Lose_no_event_and_double_none()
    {
        const int cuts = 1000;
        await using var server = await TestServer.StartAsync(_folder.Path);
        using var own = server.Client(Organization);
        var (random, isCutting) = (new Random(7), true);
        // Two of three cuts hit the headers and the first event, the others a later place.
        await using var proxy = new CuttingProxy(
            server.Http, () => !isCutting ? long.MaxValue : random.Next(3) > 0 ? random.Next(50, 2_000) : random.Next(2_000, 60_000));
        var readers = Enumerable.Range(0, Readers).Select(_ => ReadAsync(proxy.Address)).ToArray();
        var writers = Enumerable.Range(0, 2).Select(seed => new RandomWriter(own, seed)).ToArray();
        var writing = writers.Select(writer => writer.RunAsync(_stopWriting.Token)).ToArray();
        while (proxy.Cuts < cuts)
        {
            _late.Token.ThrowIfCancellationRequested();
            await BackOff.WaitAsync();
        }

        await _stopWriting.CancelAsync();
        await Task.WhenAll(writing);
        isCutting = false;
        await own.CreateAgentTaskAsync(Sample.AgentTask(Last));
        var log = await LogAsync(own);
        foreach (var read in await Task.WhenAll(readers))
        {
            Assert.Equal(log, read);
        }

        output.WriteLine($"{proxy.Cuts} cuts, {log.Count} changes, {Readers} readers");
    }

    /// <summary>Reads until it has the last task, across every cut.</summary>
    private async Task<List<(long Revision, string Id)>> ReadAsync(Uri address)
    {
        var (read, lastId, isOver) = (new List<(long, string)>(), "", false);
        using var http = new JsonCaller(address, ("x-organization-id", Organization));
        while (!isOver)
        {
            try
            {
                using var response = await http.OpenAsync("/watch?after_revision=0", _late.Token, ("Last-Event-ID", lastId));
                response.EnsureSuccessStatusCode();
                using var events = new EventReader(await response.Content.ReadAsStreamAsync(_late.Token)) { LastId = lastId };
                while (!isOver && await events.NextAsync(_late.Token) is { } next)
                {
                    lastId = events.LastId;
                    var changes = WatchResponse.Parser.ParseJson(next.Data.GetRawText()).Events.Select(item => item.Change).ToList();
                    read.AddRange(changes.Select(change => (change.Revision, ChangedResource.After(change).Id)));
                    isOver = changes.Any(change => change.AgentTask?.Title == Last);
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // The cut.
            }
        }

        return read;
    }

    private static async Task<List<(long Revision, string Id)>> LogAsync(TaskGrpc.Client.TaskGrpcClient client)
    {
        var (log, token) = (new List<(long, string)>(), "");
        do
        {
            var page = await client.Changes.ListChangesAsync(new() { AfterRevision = 0, PageSize = 1000, PageToken = token });
            log.AddRange(page.Events.Select(item => (item.Change.Revision, ChangedResource.After(item.Change).Id)));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        return log;
    }
}
