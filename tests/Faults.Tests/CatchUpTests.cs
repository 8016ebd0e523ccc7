using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>A catch-up over many changes that the filter drops.</summary>
public sealed class CatchUpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_match_long_ago_Comes_with_the_next_heartbeat_and_not_at_the_end_of_the_log()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await KnownBugStore.StartAsync(_folder.Path, time: time);
        using var client = server.Client("org");
        await client.CreateAgentTaskAsync(Sample.AgentTask("rare"));
        const int others = 600;
        await Task.WhenAll(Enumerable.Range(0, others).Select(_ => client.CreateAgentTaskAsync()));
        // Each read of the log takes longer than the heartbeat interval.
        KnownBugStore.Of(server).BetweenHeadAndLog(() => time.Advance(TimeSpan.FromSeconds(2)));

        var request = new WatchRequest
        {
            Kinds = { ResourceKind.AgentTask },
            Filter = "title = \"rare\"",
            AfterRevision = 0,
            HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1))
        };
        using var watch = await WatchProbe.OpenAsync(client, request);
        await watch.UntilAsync(others + 1);

        var first = watch.Messages.Single(message => message.Events.Count > 0);
        Assert.InRange(first.Revision, 1, others);
        Assert.InRange(watch.Messages.Count, 4, int.MaxValue);
    }
}
