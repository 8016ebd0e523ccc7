using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;
using TaskGrpc.Client;
using TaskGrpc.Faults.Tests.History;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>T27: brings back known bugs one by one. The checker must name what each bug breaks, and find nothing without them.</summary>
public sealed class KnownBugTests : IDisposable
{
    private const string Organization = "org";

    private readonly TemporaryFolder _folder = new();
    private readonly HistoryFile _history = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(KnownBug.None, null)]
    [InlineData(KnownBug.ProgressAheadOfCursor, "W4")]
    public async Task Progress_ahead_of_the_cursor_Is_caught(KnownBug bug, string? invariant)
    {
        await using var server = await KnownBugStore.StartAsync(_folder.Path, bug);
        using var client = server.Client(Organization);
        for (var i = 0; i < 3; i++)
        {
            await client.CreateAgentTaskAsync();
        }

        var grown = 0;
        KnownBugStore.Of(server).BetweenHeadAndLog(() =>
        {
            if (Interlocked.Exchange(ref grown, 1) == 0)
            {
                // The log grows during the watch's read. The second commit comes after the first was published.
                client.AgentTasks.CreateAgentTask(new() { AgentTask = Sample.AgentTask() });
                client.AgentTasks.CreateAgentTask(new() { AgentTask = Sample.AgentTask() });
            }
        });
        await RecordAsync(client, 5);
        Assert.Equal(1, grown);
        await JudgeAsync(await GroundTruth.ReadAsync(client, Organization), invariant);
    }

    [Theory]
    [InlineData(KnownBug.None, null)]
    [InlineData(KnownBug.DroppingQueue, "W")]
    public async Task A_queue_that_drops_changes_Is_caught(KnownBug bug, string? invariant)
    {
        await using var server = await KnownBugStore.StartAsync(_folder.Path, bug);
        using var client = server.Client(Organization);
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), 600) } });
        await client.CreateAgentTaskAsync();
        var truth = await GroundTruth.ReadAsync(client, Organization);
        await RecordAsync(client, truth.Head);
        await JudgeAsync(truth, invariant);
    }

    [Theory]
    [InlineData(KnownBug.None, null)]
    [InlineData(KnownBug.CompactionCheckedBeforeRead, "W")]
    public async Task Compaction_checked_in_another_moment_than_the_read_Is_caught(KnownBug bug, string? invariant)
    {
        await using var server = await KnownBugStore.StartAsync(_folder.Path, bug);
        using var client = server.Client(Organization);
        for (var i = 0; i < 20; i++)
        {
            await client.CreateAgentTaskAsync();
        }

        var truth = await GroundTruth.ReadAsync(client, Organization);
        var compacted = 0;
        KnownBugStore.Of(server).BetweenHeadAndLog(() =>
        {
            if (Interlocked.Exchange(ref compacted, 1) == 0)
            {
                server.CompactAsync().GetAwaiter().GetResult();
            }
        });
        await RecordAsync(client, truth.Head);
        Assert.Equal(1, compacted);
        await JudgeAsync(truth, invariant);
    }

    [Theory]
    [InlineData(KnownBug.None, null)]
    [InlineData(KnownBug.PublishBeforeCommit, "D6")]
    public async Task A_change_that_is_published_before_its_commit_Is_caught(KnownBug bug, string? invariant)
    {
        await using var server = await KnownBugStore.StartAsync(_folder.Path, bug);
        using var client = server.Client(Organization);
        await client.CreateAgentTaskAsync();
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 });
        await watch.UntilAsync(1);
        var next = watch.NextAsync();
        KnownBugStore.Of(server).BeforeNextCommit(() =>
        {
            // Long enough for a watch to receive the change, if the bug publishes it.
            next.Wait(TimeSpan.FromMilliseconds(500));
            throw new SqliteException("The disk is full.", 13);
        });
        await Refusal.OfAsync(ErrorReason.StorageFull, () => client.CreateAgentTaskAsync(Sample.AgentTask("never committed")));
        await client.CreateAgentTaskAsync(Sample.AgentTask("committed"));
        await next;
        await watch.UntilAsync(2);
        foreach (var message in watch.Messages)
        {
            _history.Add(new MessageEntry(Organization, "watch", 0, 0, message.ToByteArray()));
        }

        await JudgeAsync(await GroundTruth.ReadAsync(client, Organization), invariant);
    }

    private async Task RecordAsync(TaskGrpcClient client, long head)
    {
        using var watch = await WatchProbe.OpenAsync(
            client, new WatchRequest { AfterRevision = 0, HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
        await watch.UntilAsync(head);
        foreach (var message in watch.Messages)
        {
            _history.Add(new MessageEntry(Organization, "watch", 0, 0, message.ToByteArray()));
        }
    }

    private async Task JudgeAsync(GroundTruth truth, string? invariant)
    {
        var path = Path.Combine(_folder.Path, "history.jsonl");
        await _history.WriteAsync(path);
        var violations = HistoryChecker.Check(truth, await HistoryFile.ReadAsync(path));
        if (invariant is null)
        {
            Assert.Empty(violations);
        }
        else
        {
            Assert.Contains(violations, violation => violation.StartsWith(invariant, StringComparison.Ordinal));
        }
    }
}
