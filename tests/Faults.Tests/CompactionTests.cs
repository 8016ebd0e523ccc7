using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>T20: repeated compaction to the head, under writes, while watches open at its edge.</summary>
public sealed class CompactionTests(ITestOutputHelper output) : IDisposable
{
    private const int Compactions = 40;

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private int _stood;
    private int _refused;

    public void Dispose()
    {
        _folder.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task T20_Watches_around_the_edge_Are_whole_or_refused_and_never_silently_short()
    {
        await using var server = await TestServer.StartAsync(_folder.Path);
        using var client = server.Client("org");
        await client.CreateAgentTaskAsync();
        var writing = Enumerable.Range(0, 4).Select(_ => WriteAsync(client)).ToArray();
        var opening = Enumerable.Range(0, 4).Select(_ => OpenAroundAsync(client)).ToArray();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        for (var i = 0; i < Compactions; i++)
        {
            await timer.WaitForNextTickAsync();
            await server.CompactAsync();
        }

        await _stop.CancelAsync();
        await Task.WhenAll([.. writing, .. opening]);
        output.WriteLine(
            $"{Compactions} compactions, {(await client.Changes.ListChangesAsync(new())).Revision} changes, {_stood} watches stood, "
            + $"{_refused} were refused.");
        Assert.True(_stood > 0 && _refused > 0);
    }

    private async Task WriteAsync(TaskGrpcClient client)
    {
        while (!_stop.IsCancellationRequested)
        {
            await client.CreateAgentTaskAsync();
        }
    }

    private async Task OpenAroundAsync(TaskGrpcClient client)
    {
        while (!_stop.IsCancellationRequested)
        {
            var page = await client.Changes.ListChangesAsync(new() { PageSize = 1 });
            var compacted = page.OldestRevision - 1;
            if (compacted > 0)
            {
                await Refusal.OfAsync(
                    ErrorReason.RevisionCompacted, () => WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = compacted - 1 }));
            }

            await Refusal.OfAsync(ErrorReason.RevisionInFuture,
                () => WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = page.Revision + 1_000_000 }));
            await FollowAsync(client, compacted);
            await FollowAsync(client, Math.Min(compacted + 1, page.Revision));
        }
    }

    /// <summary>A watch after a revision receives every later revision until it gets REVISION_COMPACTED.</summary>
    private async Task FollowAsync(TaskGrpcClient client, long after)
    {
        var last = after;
        try
        {
            using var watch = await WatchProbe.OpenAsync(
                client, new WatchRequest { AfterRevision = after, HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
            Interlocked.Increment(ref _stood);
            while (last < after + 50 && !_stop.IsCancellationRequested)
            {
                foreach (var item in (await watch.NextAsync()).Events)
                {
                    Assert.Equal(++last, item.Change.Revision);
                }

                Assert.Equal(last, watch.Last.Revision);
            }
        }
        catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.RevisionCompacted)
        {
            Interlocked.Increment(ref _refused);
            Assert.True(long.Parse(refusal.Details["oldest_revision"], System.Globalization.CultureInfo.InvariantCulture) > last + 1);
        }
    }
}
