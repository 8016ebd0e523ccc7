using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.Client;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Upgrades;

/// <summary>
/// This build opens the databases that earlier builds left and continues them: databases of every kept release, and one that this build
/// has just written. TASKGRPC_KEEP=NAME keeps that one as tests/Conformance.Tests/Upgrades/Kept/NAME, to commit with a release.
/// </summary>
public sealed class UpgradeTests
{
    private const string JustWritten = "this build";

    public static TheoryData<string, bool> Stores()
    {
        var stores = new TheoryData<string, bool>();
        foreach (var name in KeptStore.Folders().Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)
            .Append(JustWritten))
        {
            stores.Add(name, false);
            stores.Add(name, true);
        }

        return stores;
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_kept_database_Opens_and_its_resources_tokens_answers_and_deliveries_go_on(string name, bool onPostgres)
    {
        var cluster = onPostgres ? await SharedPostgres.ClusterAsync() : null;
        using var fresh = new TemporaryFolder();
        var kept = await FindAsync(name, fresh.Path, cluster);

        using (var data = new TemporaryFolder())
        await using (var server = await kept.OpenAsync(data.Path, cluster, delivers: false))
        {
            using var client = server.Client(StoreWriting.Organization);
            await ResourcesReadAsTheyWereAsync(client, kept.Written);
            await TokensGoOnAsync(client, kept.Written);
            await TokensWithoutAnEpochGoOnAsync(server, kept.Written);
            await RepeatedCallsAnswerAsBeforeAsync(server, kept.Written);
            var next = await client.Changes.ListChangesAsync(new ListChangesRequest { AfterRevision = kept.Written.Head });
            Assert.Empty(next.Events);
            await client.CreateAgentTaskAsync();
            var created = Assert.Single(
                (await client.Changes.ListChangesAsync(new ListChangesRequest { AfterRevision = kept.Written.Head })).Events);
            Assert.Equal(kept.Written.Head + 1, created.Change.Revision);
        }

        using (var data = new TemporaryFolder())
        {
            await DeliveriesGoOnAsync(kept, data.Path, cluster);
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Agent_tasks_that_were_due_before_the_upgrade_Are_marked_in_one_revision(string name, bool onPostgres)
    {
        var cluster = onPostgres ? await SharedPostgres.ClusterAsync() : null;
        using var fresh = new TemporaryFolder();
        using var data = new TemporaryFolder();
        var kept = await FindAsync(name, fresh.Path, cluster);
        // All due times of the kept tasks are in January 2030.
        var after = new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero) - kept.Written.LeftAt;
        await using var server = await kept.OpenAsync(data.Path, cluster, delivers: false, after);
        using var client = server.Client(StoreWriting.Organization);
        var open = await client.ListAgentTasksAsync(
            new() { Filter = "due_at:* AND -(status = COMPLETED OR status = FAILED OR status = CANCELED)" }).ToListAsync();
        Assert.NotEmpty(open);

        using var watch = await WatchProbe.OpenAsync(
            client, new WatchRequest { Kinds = { ResourceKind.AgentTask }, AfterRevision = kept.Written.Head });
        await watch.UntilCountAsync(open.Count);

        Assert.All(watch.Events, marked => Assert.Equal(
            (kept.Written.Head + 1, ActorType.System, true),
            (marked.Change.Revision, marked.Change.Actor.Type, marked.Change.AgentTask.Overdue)));
        Assert.Equal(open.Select(task => task.Id).Order(), watch.Events.Select(marked => marked.Change.AgentTask.Id).Order());
    }

    private static async Task<KeptStore> FindAsync(string name, string fresh, PostgresCluster? cluster)
    {
        var part = cluster is null ? "sqlite" : "postgres";
        if (name != JustWritten)
        {
            return new KeptStore(Path.Combine(KeptStore.Root, name, part));
        }

        var folder = Environment.GetEnvironmentVariable("TASKGRPC_KEEP") is { Length: > 0 } keep
            ? Path.Combine(Repository.Root, "tests", "Conformance.Tests", "Upgrades", "Kept", keep, part)
            : Path.Combine(fresh, part);
        await KeptStore.WriteAsync(folder, cluster);
        return new KeptStore(folder);
    }

    private static async Task ResourcesReadAsTheyWereAsync(TaskGrpcClient client, WrittenStore written)
    {
        var read = await StoreWriting.ReadAsync(client);
        Assert.Equal(written.Resources.Keys.Order(), read.Keys.Order());
        foreach (var (kind, resources) in written.Resources)
        {
            Assert.NotEmpty(resources);
            Assert.Equal(resources.Select(Convert.ToBase64String), read[kind].Select(Convert.ToBase64String));
        }
    }

    private static async Task TokensGoOnAsync(TaskGrpcClient client, WrittenStore written)
    {
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = written.ResumeToken });
        await watch.UntilAsync(written.Head);
        Assert.Equal(written.ChangesAfterToken, watch.Events.Select(StoreWriting.Name));
        var page = await client.AgentTasks.ListAgentTasksAsync(StoreWriting.SecondPage(written.PageToken));
        Assert.Equal(written.TasksAfterPage, page.AgentTasks.Select(task => task.Id));
    }

    /// <summary>Release 0.1.0 issued such tokens before an organization's first change. They mean the log's beginning.</summary>
    private static async Task TokensWithoutAnEpochGoOnAsync(TestServer server, WrittenStore written)
    {
        static WatchRequest Beginning(string organization) =>
            new() { ResumeToken = new ResumeToken(new(organization), Guid.Empty, 0).ToString() };
        using TaskGrpcClient client = server.Client(StoreWriting.Organization), quiet = server.Client("quiet");
        using var all = await WatchProbe.OpenAsync(client, Beginning(StoreWriting.Organization));
        await all.UntilAsync(written.Head);
        Assert.Equal(1, all.Events.First().Change.Revision);
        using var before = await WatchProbe.OpenAsync(quiet, Beginning("quiet"));
        await quiet.CreateAgentTaskAsync();
        using var after = await WatchProbe.OpenAsync(quiet, Beginning("quiet"));
        await Task.WhenAll(before.UntilAsync(1), after.UntilAsync(1));
        Assert.Equal(before.Events, after.Events);
    }

    private static async Task RepeatedCallsAnswerAsBeforeAsync(TestServer server, WrittenStore written)
    {
        using var channel = GrpcChannel.ForAddress(server.Grpc);
        var caller =
            new Metadata { { "x-organization-id", StoreWriting.Organization }, { "x-actor-id", "anna" }, { "x-actor-type", "user" } };
        Assert.NotEmpty(written.Calls);
        foreach (var call in written.Calls)
        {
            var (first, again) = await call.RepeatAsync(channel, caller);
            Assert.Equal(first, again);
        }
    }

    private static async Task DeliveriesGoOnAsync(KeptStore kept, string data, PostgresCluster? cluster)
    {
        await using var receiver = await WebhookReceiver.StartAsync(address: StoreWriting.Receiver);
        await using var server = await kept.OpenAsync(data, cluster);
        using var client = server.Client(StoreWriting.Organization);
        await client.UntilAsync(new Delivery { Id = kept.Written.Retrying }, DeliveryStatus.Delivered);
        var claimed = await client.UntilAsync(new Delivery { Id = kept.Written.Claimed }, DeliveryStatus.Delivered);
        Assert.Equal((2, AttemptOutcome.Retryable, AttemptOutcome.Succeeded),
            (claimed.AttemptCount, claimed.Attempts[0].Outcome, claimed.Attempts[1].Outcome));
        Assert.Equal(DeliveryStatus.Retrying, (await client.GetAsync(new Delivery { Id = kept.Written.Held })).Status);
        await client.MonitorTasks.ResumeMonitorTaskAsync(new() { TaskId = kept.Written.PausedTask });
        await client.UntilAsync(new Delivery { Id = kept.Written.Held }, DeliveryStatus.Delivered);
        Assert.Equal(
            new[] { kept.Written.Retrying, kept.Written.Claimed, kept.Written.Held }.Order(),
            receiver.All.Select(webhook => webhook.Headers["webhook-id"]).Order());
        Assert.All(receiver.All, webhook => Assert.True(webhook.IsSignedBy(kept.Written.Secret)));
    }
}
