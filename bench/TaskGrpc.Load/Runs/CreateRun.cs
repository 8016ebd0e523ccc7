using Google.Protobuf;
using Grpc.Net.Client;
using TaskGrpc.Load.Bare;
using TaskGrpc.Load.Etcd;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>
/// Durable creates against etcd's puts, PostgreSQL's transactions, the bare group commit, and the same rows committed in process. With
/// watchers, one organization takes the whole load, so that each watcher receives every change, like each watcher of etcd.
/// </summary>
internal static class CreateRun
{
    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var server = await LoadServer.StartAsync();
        using var etcd = await EtcdServer.StartAsync();
        using var bare = await BareServer.StartWithSchemaAsync();
        using var cluster = await LoadCluster.StartAsync();
        await using var rows = await PostgresRows.OpenAsync(await cluster.NewTasksDatabaseAsync("bare", Tasks.Organizations), 64);
        using GrpcChannel own = server.Channel(), theirs = etcd.Channel(), floor = bare.Channel();

        Alternative Ours(int callers) => new("TaskGrpc", turn => CreateAsync(server, own, callers, turn, Tasks.New));
        Alternative Put(int callers) => new("etcd put", turn => PutAsync(etcd, theirs, callers, turn));
        Alternative Txn(int callers) => new("etcd transaction of four puts", turn => TransactAsync(etcd, theirs, callers, turn));
        Alternative Append(int callers) => new("bare group commit over gRPC", turn => AppendAsync(bare, floor, callers, turn));
        Alternative InProcess() => new("the same rows in process, 64 a transaction", turn => CommitRowsAsync(bare, floor, turn));
        Alternative Transactions(int callers) =>
            new($"PostgreSQL transactions by Npgsql, {callers} connections",
                turn => ClosedLoop.RunAsync(callers, turn, cpu: null, rows.CreateAsync));

        report.Add(await Comparison.RunAsync("create, 1 caller", options, Ours(1), Put(1), Append(1), Transactions(1), Txn(1)));
        var at64 = report.Add(
            await Comparison.RunAsync(
                "create, 64 callers", options, Ours(64), Put(64), Append(64), InProcess(), Transactions(64), Txn(64)));
        var at256 = report.Add(
            await Comparison.RunAsync("create, 256 callers", options, Ours(256), Put(256), Append(256), InProcess(), Txn(256)));
        report.AtLeast("creates against etcd puts, 64 callers", at64.Ratios(1), 0.6, 1.0);
        report.AtLeast("creates against etcd puts, 256 callers", at256.Ratios(1), 0.6, 1.0);
        report.AtLeast("creates against etcd transactions of four puts, 64 callers", at64.Ratios(5), 1.0, 1.5);
        report.AtLeast("creates against etcd transactions of four puts, 256 callers", at256.Ratios(4), 1.0, 1.5);
        report.AtLeast("creates against the same rows in process, 64 callers", at64.Ratios(3), 0.5, 0.7);
        report.AtLeast("creates against PostgreSQL transactions, 64 callers", at64.Ratios(4), 1.0, 1.5);

        report.Add(await Comparison.RunAsync(
            "create, 64 callers, with more fields",
            options,
            Ours(64),
            new("with a request_id", turn => CreateAsync(server, own, 64, turn, Tasks.New, withRequestId: true)),
            new("with a value in every indexed field", turn => CreateAsync(server, own, 64, turn, Tasks.Indexed))));

        var keyed = report.Add(await Comparison.RunAsync(
            "create with an external_key, 64 callers",
            options,
            new("with a key", turn => CreateAsync(server, own, 64, turn, Tasks.Keyed)),
            new("without", turn => CreateAsync(server, own, 64, turn, Tasks.New))));
        report.AtLeast("creates with an external_key against without, 64 callers", keyed.Ratios(1), 0.85, 0.95);

        report.Add(await WatchedAsync(options, server, own, etcd, theirs, watchers: 1));
        var watched = report.Add(await WatchedAsync(options, server, own, etcd, theirs, watchers: options.Count(100)));
        report.AtLeast("creates against etcd puts, 64 callers, 100 watchers", watched.Ratios(1), 3, 5);
    }

    public static Task<Sample> CreateAsync(Subject server, GrpcChannel channel, int callers, TimeSpan turn, Func<Random, AgentTask> make,
        bool withRequestId = false, int? organization = null)
    {
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        return ClosedLoop.RunAsync(callers, turn, server, async (_, random) => await tasks.CreateAgentTaskAsync(
            new CreateAgentTaskRequest
            {
                AgentTask = make(random),
                RequestId = withRequestId ? Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString() : ""
            },
            Tasks.Callers[organization ?? random.Next(Tasks.Organizations)]));
    }

    private static Task<Sample> PutAsync(Subject etcd, GrpcChannel channel, int callers, TimeSpan turn)
    {
        var kv = new KV.KVClient(channel);
        return ClosedLoop.RunAsync(callers, turn, etcd, async (_, random) =>
        {
            var task = Tasks.Stored(random);
            await kv.PutAsync(
                new PutRequest { Key = ByteString.CopyFromUtf8($"k/{task.OrganizationId}/{task.Id}"), Value = task.ToByteString() });
        });
    }

    /// <summary>The same work as a create: the task, two index keys and a log entry of the task's size.</summary>
    private static Task<Sample> TransactAsync(Subject etcd, GrpcChannel channel, int callers, TimeSpan turn)
    {
        var kv = new KV.KVClient(channel);
        return ClosedLoop.RunAsync(callers, turn, etcd, async (_, random) =>
        {
            var task = Tasks.Stored(random);
            var body = task.ToByteString();
            RequestOp Put(string key, ByteString value) =>
                new() { RequestPut = new() { Key = ByteString.CopyFromUtf8($"{key}/{task.Id}"), Value = value } };
            await kv.TxnAsync(new TxnRequest
            {
                Success =
                {
                    Put($"k/{task.OrganizationId}", body),
                    Put($"status/{task.OrganizationId}/1", ByteString.Empty),
                    Put($"role/{task.OrganizationId}/{task.AssignedAgentRole}", ByteString.Empty),
                    Put($"log/{task.OrganizationId}", body),
                },
            });
        });
    }

    private static Task<Sample> AppendAsync(Subject bare, GrpcChannel channel, int callers, TimeSpan turn)
    {
        var client = new BareService.BareServiceClient(channel);
        return ClosedLoop.RunAsync(callers, turn, bare, async (_, random) => await client.AppendAsync(Tasks.Stored(random)));
    }

    private static async Task<Sample> CommitRowsAsync(Subject bare, GrpcChannel channel, TimeSpan turn)
    {
        var before = bare.Cpu;
        var answer =
            await new BareService.BareServiceClient(channel).CommitRowsAsync(Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(turn));
        return new Sample(answer.Rows / turn.TotalSeconds, (bare.Cpu - before).TotalMicroseconds / answer.Rows);
    }

    private static async Task<Comparison> WatchedAsync(
        LoadOptions options, Subject server, GrpcChannel own, Subject etcd, GrpcChannel theirs, int watchers)
    {
        using GrpcChannel ownWatches = server.Channel(), theirWatches = etcd.Channel();
        return await Comparison.RunAsync(
            $"create, 64 callers, {watchers} watchers",
            options,
            new("TaskGrpc", async turn =>
            {
                await using var open =
                    await Watchers.OpenAsync(ownWatches, watchers, Streams.Watch, new V1.WatchRequest(), Tasks.Callers[0]);
                return await CreateAsync(server, own, 64, turn, Tasks.New, organization: 0);
            }),
            new("etcd put", async turn =>
            {
                await using var open = await Watchers.OpenEtcdAsync(theirWatches, watchers);
                return await PutAsync(etcd, theirs, 64, turn);
            }));
    }
}
