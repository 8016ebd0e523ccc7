using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>Creates through one and three replicas, beside pgbench, and the time from a commit to a watch at another replica.</summary>
internal sealed class ReplicaRun(LoadServer[] servers, TimeSpan duration)
{
    private const int Spread = 100;

    /// <summary>The statements of one create, as one transaction.</summary>
    private const string Bare =
        """
        \set n random(1, :organizations)
        BEGIN;
        SELECT revision AS revision, 'organization-' || :n::text AS org FROM organizations WHERE id = 'organization-' || :n::text FOR UPDATE \gset
        SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || substr(md5(random()::text), 1, 20)) AS id, md5(random()::text) AS request \gset
        SELECT request_id, caller, fingerprint, answer, created_at FROM requests WHERE organization_id = :org AND request_id = ANY (ARRAY[:request::uuid]);
        UPDATE organizations SET revision = :revision::bigint + 1 WHERE id = :org;
        INSERT INTO changes (organization_id, revision, ordinal, remaining, kind, resource_id, type, changed_at, body) VALUES (:org, :revision::bigint + 1, 0, 0, 1, :id::uuid, 1, now(), decode(repeat('61', 700), 'hex'));
        INSERT INTO agent_tasks (organization_id, id, version, revision, status, created_at, updated_at, deleted, body, task_type, source_type, entity_type, entity_id, title, priority, assigned_agent_role, execution_mode, approval_policy, workspace_visible, workspace_id) VALUES (:org, :id::uuid, 1, :revision::bigint + 1, 1, now(), now(), false, decode(repeat('61', 600), 'hex'), 'load', 1, 'order', :request, 'Task', 100, 'role-' || (random() * 10)::int, 3, 2, true, 'default');
        INSERT INTO requests (organization_id, request_id, caller, fingerprint, answer, created_at) VALUES (:org, :request::uuid, '3-load', decode(md5(random()::text), 'hex'), decode(repeat('61', 600), 'hex'), now());
        COMMIT;
        """;

    public static async Task RunAllAsync(int seconds)
    {
        using var cluster = await LoadCluster.StartAsync();
        await cluster.NewTasksDatabaseAsync("bare", Spread);
        Console.WriteLine("| what | rate | p50 ms | p99 ms | server CPU µs |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var count in new[] { 1, 3 })
        {
            var servers = await StartAsync(cluster, $"tasks_{count}", count);
            var run = new ReplicaRun(servers, TimeSpan.FromSeconds(seconds));
            // JIT and tiering dominate the first seconds.
            await run.CreateAsync(64, Spread, report: false);
            await run.CreateAsync(64, 1, report: false);
            foreach (var organizations in new[] { 1, Spread })
            {
                foreach (var callers in new[] { 64, 256 })
                {
                    await BareAsync(cluster, callers > 64 ? 64 : callers, organizations, seconds);
                    await run.CreateAsync(callers, organizations);
                }
            }

            await run.CrossAsync(200);
            Array.ForEach(servers, server => server.Dispose());
        }

        await BareAsync(cluster, 1, 1, seconds);
        Console.WriteLine(
            $"\n{Environment.ProcessorCount} processors shared by clients, servers and PostgreSQL, "
            + $"{System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}.");
    }

    private static async Task<LoadServer[]> StartAsync(LoadCluster cluster, string database, int count)
    {
        var connection = await cluster.NewDatabaseAsync(database);
        return await Task.WhenAll(Enumerable.Range(0, count)
            .Select(_ => LoadServer.StartAsync(null, ("Storage:Provider", "Postgres"), ("ConnectionStrings:Tasks", connection))));
    }

    private static async Task BareAsync(LoadCluster cluster, int clients, int organizations, int seconds) =>
        Console.WriteLine(
            $"| pgbench, the same statements, one create a commit, {clients} connections, {organizations} organizations | "
            + $"{await cluster.BenchAsync("bare", Bare, clients, organizations, seconds):N0}/s | | | |");

    private static CallOptions Caller(int organization) =>
        new(new Metadata { { "x-organization-id", $"organization-{organization + 1}" } });

    private async Task CreateAsync(int callers, int organizations, bool report = true)
    {
        var options = Enumerable.Range(0, organizations).Select(Caller).ToArray();
        var clients = servers.Select(server => server.Connect()).ToArray();
        var (clock, cpu) = (Stopwatch.StartNew(), Cpu());
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(async seed =>
        {
            var (own, random, client) = (new List<double>(), new Random(seed), clients[seed % clients.Length]);
            while (clock.Elapsed < duration)
            {
                var started = Stopwatch.GetTimestamp();
                await client.AgentTasks.CreateAgentTaskAsync(
                    new CreateAgentTaskRequest { AgentTask = Tasks.New(random) }, options[random.Next(organizations)]);
                own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return own;
        }));
        var result = new LoadResult(clock.Elapsed, Cpu() - cpu, [.. latencies.SelectMany(own => own).Order()]);
        Array.ForEach(clients, client => client.Dispose());
        if (report)
        {
            result.Print($"create, {callers} callers, {organizations} organizations, {servers.Length} replicas");
        }
    }

    /// <summary>One caller at a steady rate at the first replica, and a watch at the last replica.</summary>
    private async Task CrossAsync(int perSecond)
    {
        using TaskGrpcClient writer = servers[0].Connect(), reader = servers[^1].Connect();
        using var call = reader.Changes.Watch(new WatchRequest(), Caller(0));
        await call.ResponseStream.MoveNext(CancellationToken.None);
        var arrived = new ConcurrentDictionary<string, long>();
        var (clock, cpu, random) = (Stopwatch.StartNew(), Cpu(), new Random(1));
        var reading = ReadAsync(call, arrived);
        var answered = await SteadyRate.RunAsync(perSecond, duration, _ => WriteAsync(writer, Tasks.New(random)));
        await Poll.UntilAsync(() => arrived.Count >= answered.Length);
        call.Dispose();
        await reading;
        var latencies =
            answered.Select(item => Math.Max(0, Stopwatch.GetElapsedTime(item.At, arrived[item.Id]).TotalMilliseconds)).Order().ToArray();
        new LoadResult(clock.Elapsed, Cpu() - cpu, latencies)
            .Print($"from the answer to an event at {(servers.Length > 1 ? "another" : "the same")} replica, {perSecond} changes/s");
    }

    private static async Task<(string Id, long At)> WriteAsync(TaskGrpcClient client, AgentTask task)
    {
        var created = await client.AgentTasks.CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = task }, Caller(0));
        return (created.Id, Stopwatch.GetTimestamp());
    }

    private static async Task ReadAsync(AsyncServerStreamingCall<WatchResponse> call, ConcurrentDictionary<string, long> arrived)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                foreach (var item in call.ResponseStream.Current.Events)
                {
                    arrived[item.Change.AgentTask.Id] = Stopwatch.GetTimestamp();
                }
            }
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            // The phase has ended.
        }
    }

    private TimeSpan Cpu() => servers.Aggregate(TimeSpan.Zero, (sum, server) => sum + server.Cpu);
}
