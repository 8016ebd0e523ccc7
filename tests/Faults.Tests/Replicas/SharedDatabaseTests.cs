using Google.Protobuf.WellKnownTypes;
using Npgsql;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Replicas;

/// <summary>Clients cannot tell replicas apart.</summary>
public sealed class SharedDatabaseTests : IAsyncLifetime
{
    private PostgresReplicas? _replicas;

    private PostgresReplicas Replicas => _replicas!;

    public async ValueTask InitializeAsync() => _replicas = PostgresCluster.IsInstalled ? await PostgresReplicas.StartAsync(3) : null;

    public async ValueTask DisposeAsync()
    {
        if (_replicas is not null)
        {
            await _replicas.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_watch_Sees_in_order_what_every_replica_writes()
    {
        var clients = Clients("org");
        using var watch = await WatchProbe.OpenAsync(clients[2], new WatchRequest { AfterRevision = 0 });
        await Task.WhenAll(Enumerable.Range(0, 90).Select(i => clients[i % 3].CreateAgentTaskAsync(Sample.AgentTask($"{i}"))));
        await watch.UntilAsync(90);
        Assert.Equal(Enumerable.Range(1, 90).Select(revision => (long)revision), watch.Events.Select(item => item.Change.Revision));
        Assert.Equal(90, watch.Events.Select(item => item.Change.AgentTask.Title).Distinct().Count());
    }

    [Fact]
    public async Task Request_ids_tokens_and_pages_of_one_replica_Hold_at_another()
    {
        var clients = Clients("org");
        var request = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(), RequestId = Guid.NewGuid().ToString() };
        var task = await clients[0].AgentTasks.CreateAgentTaskAsync(request);
        Assert.Equal(task, await clients[1].AgentTasks.CreateAgentTaskAsync(request));
        request.AgentTask.Title = "another";
        await Refusal.OfAsync(ErrorReason.RequestIdReused, () => clients[2].AgentTasks.CreateAgentTaskAsync(request).ResponseAsync);

        await clients[1].CreateAgentTaskAsync();
        var first = await clients[0].AgentTasks.ListAgentTasksAsync(new() { PageSize = 1 });
        var second = await clients[2].AgentTasks.ListAgentTasksAsync(new() { PageSize = 1, PageToken = first.NextPageToken });
        Assert.Equal(task.Id, Assert.Single(second.AgentTasks).Id);

        using var watch = await WatchProbe.OpenAsync(clients[1], new WatchRequest { ResumeToken = first.ResumeToken });
        var moved = await clients[2].TransitionAsync(task, AgentTaskStatus.Planning);
        await watch.UntilAsync(3);
        Assert.Equal(moved, Assert.Single(watch.Events).Change.AgentTask);
    }

    [Fact]
    public async Task The_same_request_at_three_replicas_at_once_Has_one_effect()
    {
        var clients = Clients("org");
        for (var round = 1; round <= 20; round++)
        {
            var request = new CreateBoardTaskRequest { BoardTask = Sample.BoardTask(), RequestId = Guid.NewGuid().ToString() };
            var answers = await Task.WhenAll(clients.Select(client => client.BoardTasks.CreateBoardTaskAsync(request).ResponseAsync));
            Assert.Single(answers.Distinct());
        }

        Assert.Equal(20, await clients[0].ListChangesAsync().CountAsync());
    }

    [Fact]
    public async Task An_organizations_first_changes_at_three_replicas_at_once_Share_one_history()
    {
        for (var round = 0; round < 10; round++)
        {
            var clients = Clients($"new-{round}");
            using var watch = await WatchProbe.OpenAsync(clients[1]);
            await Task.WhenAll(clients.Select(client => client.CreateBoardTaskAsync()));
            await watch.UntilAsync(3);
            var log = await clients[0].ListChangesAsync().ToListAsync();
            Assert.Equal([1L, 2L, 3L], log.Select(item => item.Change.Revision));
            using var resumed = await WatchProbe.OpenAsync(clients[2], new WatchRequest { ResumeToken = watch.Messages[0].ResumeToken });
            await resumed.UntilAsync(3);
            Assert.Equal(watch.Events, resumed.Events);
        }
    }

    [Fact]
    public async Task Deliveries_Are_shared_and_each_is_sent_once()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var clients = Clients("org");
        var secret = await clients[0].SigningSecrets.CreateSigningSecretAsync(new());
        var task = await clients[0].CreateMonitorTaskAsync(Sample.Webhook(receiver.Address));
        var deliveries = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => clients[i % 3].TriggerAsync(task, $"{i}")));
        foreach (var delivery in deliveries)
        {
            Assert.Equal(1, (await clients[1].UntilAsync(delivery, DeliveryStatus.Delivered)).AttemptCount);
        }

        // Each replica signs with the keys in the shared database, so it does not matter which one sent the webhook.
        Assert.Equal(
            deliveries.Select(delivery => delivery.Id).Order(), receiver.All.Select(webhook => webhook.Headers["webhook-id"]).Order());
        Assert.All(receiver.All, webhook => Assert.True(webhook.IsSignedBy(secret.Secret)));
    }

    [Fact]
    public async Task Compaction_at_all_replicas_at_once_Leaves_every_head_where_it_was()
    {
        var clients = Clients("org");
        await clients[0].BoardTasks.BatchCreateBoardTasksAsync(new() { BoardTasks = { Enumerable.Repeat(Sample.BoardTask(), 700) } });
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => clients[i % 3].CreateBoardTaskAsync()));
        var removed = await Task.WhenAll(Replicas.Servers.Select(server => server.CompactAsync()));
        Assert.Equal(730, removed.Sum());
        var changes = await clients[1].Changes.ListChangesAsync(new());
        Assert.Equal((32L, 0), (changes.OldestRevision, changes.Events.Count));
        await Refusal.OfAsync(
            ErrorReason.RevisionCompacted, () => WatchProbe.OpenAsync(clients[2], new WatchRequest { AfterRevision = 30 }));
        Assert.Equal(730, await clients[2].ListBoardTasksAsync(new() { PageSize = 1000 }).CountAsync());
    }

    [Fact]
    public async Task One_poisoned_request_among_many_from_three_replicas_Fails_alone()
    {
        // A database constraint that the server does not know, so only the database can refuse.
        await using (var connection = await Replicas.Cluster.OpenAsync(Replicas.Database))
        {
            await using var poison =
                new NpgsqlCommand("ALTER TABLE board_tasks ADD CONSTRAINT poison CHECK (title <> 'poison')", connection);
            await poison.ExecuteNonQueryAsync();
        }

        var clients = Clients("org", maxAttempts: 1);
        var calls = Enumerable.Range(0, 192).Select(async i =>
        {
            var isPoisoned = i % 16 == 7;
            try
            {
                await clients[i % 3].CreateBoardTaskAsync(Sample.BoardTask(isPoisoned ? "poison" : $"{i}"));
                return !isPoisoned;
            }
            catch (TaskGrpcException)
            {
                return isPoisoned;
            }
        });
        Assert.All(await Task.WhenAll(calls), Assert.True);
        var log = await clients[0].ListChangesAsync().ToListAsync();
        Assert.Equal(Enumerable.Range(1, 180).Select(revision => (long)revision), log.Select(item => item.Change.Revision));
        Replicas.ExpectErrors("poison");
    }

    [Fact]
    public async Task A_watch_that_ends_with_its_resource_Ends_by_another_replicas_change()
    {
        var clients = Clients("org");
        var task = await clients[0].CreateAgentTaskAsync();
        using var watch = await WatchProbe.OpenAsync(clients[1], new WatchRequest { Ids = { task.Id }, StopWhenTerminal = true });
        var page = clients[2].Changes.ListChangesAsync(
            new() { AfterRevision = 1, Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(20)) }).ResponseAsync;
        await clients[0].TransitionAsync(task, AgentTaskStatus.Canceled);
        await watch.UntilEndAsync();
        Assert.Equal(AgentTaskStatus.Canceled, watch.Events.Last().Change.AgentTask.Status);
        Assert.Single((await page).Events);
    }

    private TaskGrpcClient[] Clients(string organization, int maxAttempts = 5)
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        return [.. Replicas.Servers.Select(server => server.Client(organization, maxAttempts: maxAttempts))];
    }
}
