using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Watching;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Watching;

/// <summary>T21: a change committed between 'caught up' and 'waiting' is neither lost nor late.</summary>
public sealed class RegisterRaceTests
{
    private const int Rounds = 10_000;

    /// <summary>
    /// The test commits each change when the change before arrives, that is, while the watch goes from sending to arming to reading to
    /// waiting. Only a heartbeat would repair a lost wake-up, and heartbeats are an hour apart here.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ten_thousand_changes_committed_around_the_wait_Arrive_once_each_in_order(bool byId)
    {
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path);
        var (tail, store) = (server.Services.GetRequiredService<ChangeTail>(), server.Services.GetRequiredService<TaskStore>());
        var signal = server.Services.GetRequiredService<CommitSignal>();
        var id = Guid.NewGuid();
        var selection = new ChangeSelection(server.Services.GetRequiredService<ResourceKinds>(),
            new WatchRequest { Ids = { byId ? [id.ToString()] : Array.Empty<string>() } });
        var seen = new List<long>();
        var received = new SemaphoreSlim(0);
        var stream = new RecordingStream(message =>
        {
            seen.AddRange(message.Events.Select(item => item.Change.Revision));
            received.Release();
        });

        using var held = new CancellationTokenSource();
        var organization = await tail.HoldAsync("org", default);
        var session = new WatchSession(store, organization, selection,
            new WatchWriter(stream, "org", TimeSpan.FromSeconds(30), TimeProvider.System) { Epoch = Guid.NewGuid() },
            server.Services.GetRequiredService<WatchMetrics>(), TimeProvider.System, TimeSpan.FromHours(1));
        var watching = session.RunAsync(LogPosition.After(0), held.Token);
        await received.WaitAsync();
        for (var revision = 1; revision <= Rounds; revision++)
        {
            var body = Google.Protobuf.MessageExtensions.ToByteArray(
                new Change { Revision = revision, BoardTask = new() { Id = id.ToString() } });
            signal.Raise("org", [new LoggedChange(revision, 0, 0, ResourceKind.BoardTask, id, ChangeType.Updated, body)]);
            while (seen.Count < revision)
            {
                Assert.True(await received.WaitAsync(TimeSpan.FromSeconds(10)), $"Revision {revision} was not sent.");
            }
        }

        await held.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        tail.Release(organization);
        Assert.Equal(Enumerable.Range(1, Rounds).Select(revision => (long)revision), seen);
    }
}
