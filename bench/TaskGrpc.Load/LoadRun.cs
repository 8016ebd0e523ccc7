using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Load;

/// <summary>The phases of a run. Data is spread: 200 organizations, random content, so that no index is ever hot.</summary>
internal sealed class LoadRun(LoadServer server, TimeSpan duration)
{
    private const int Organizations = 200;

    private static readonly CallOptions[] Callers = [.. Enumerable.Range(0, Organizations).Select(i => new CallOptions(new Metadata { { "x-organization-id", $"organization-{i}" } }))];
    private static readonly string Description = string.Concat(Enumerable.Repeat("lorem ipsum ", 20));

    private readonly List<(int Organization, string Id)> _created = [];

    public static async Task RunAllAsync(int seconds)
    {
        using var server = await LoadServer.StartAsync();
        var load = new LoadRun(server, TimeSpan.FromSeconds(seconds));
        Console.WriteLine($"| what | rate | p50 ms | p99 ms | server CPU µs |");
        Console.WriteLine("|---|---|---|---|---|");
        // JIT and tiering decide the first seconds; nothing before this counts.
        await load.CreateAsync(callers: 64, watchers: 0, report: false);
        await load.CreateAsync(callers: 1, watchers: 0);
        await load.CreateAsync(callers: 64, watchers: 0);
        await load.CreateAsync(callers: 256, watchers: 0);
        await load.GetAsync(callers: 64, report: false);
        await load.GetAsync(callers: 64);
        await load.ListAsync(callers: 16);
        await load.CreateAsync(callers: 64, watchers: 1);
        await load.CreateAsync(callers: 64, watchers: 100);
        await load.IdleWatchersAsync(watchers: seconds > 1 ? 10_000 : 200);
        Console.WriteLine($"\nServer memory: {server.MemoryBytes / (1024 * 1024)} MiB. {Environment.ProcessorCount} processors shared with the client, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}.");
    }

    public async Task CreateAsync(int callers, int watchers, bool report = true, string? name = null)
    {
        using var client = server.Connect();
        using var stop = new CancellationTokenSource();
        var received = 0L;
        var watching = await WatchAsync(watchers, () => Interlocked.Increment(ref received), stop.Token);
        var result = await MeasureAsync(callers, async random =>
        {
            // Watched organizations get their share of the load: with watchers there is one organization, so that each sees all of it.
            var organization = watchers > 0 || name is not null ? 0 : random.Next(Organizations);
            var task = await client.AgentTasks.CreateAgentTaskAsync(new CreateAgentTaskRequest { AgentTask = Task(random) }, Callers[organization]);
            lock (_created)
            {
                _created.Add((organization, task.Id));
            }
        });
        await stop.CancelAsync();
        await System.Threading.Tasks.Task.WhenAll(watching);
        if (report)
        {
            result.Print(name ?? $"create, {callers} callers, {watchers} watchers");
            if (watchers > 0)
            {
                Console.WriteLine($"| events to {watchers} watchers | {received / result.Elapsed.TotalSeconds:N0}/s | | | |");
            }
        }
    }

    public async Task GetAsync(int callers, bool report = true)
    {
        using var client = server.Connect();
        var result = await MeasureAsync(callers, async random =>
        {
            var (organization, id) = _created[random.Next(_created.Count)];
            await client.AgentTasks.GetAgentTaskAsync(new GetAgentTaskRequest { Id = id }, Callers[organization]);
        });
        if (report)
        {
            result.Print($"get, {callers} callers");
        }
    }

    public async Task ListAsync(int callers)
    {
        using var client = server.Connect();
        var result = await MeasureAsync(callers, async random => await client.AgentTasks.ListAgentTasksAsync(new ListAgentTasksRequest(), Callers[random.Next(Organizations)]));
        result.Print($"list of 50, {callers} callers");
    }

    /// <summary>What watches of single tasks cost while nothing happens to their tasks: memory each, and to who writes beside them.</summary>
    public async Task IdleWatchersAsync(int watchers)
    {
        // More streams than one connection carries.
        using var client = server.Connect(manyConnections: true);
        var ids = new List<string>();
        while (ids.Count < watchers)
        {
            var created = await client.BoardTasks.BatchCreateBoardTasksAsync(new BatchCreateBoardTasksRequest { BoardTasks = { Enumerable.Repeat(new BoardTask { Title = "watched" }, 1000) } }, Callers[0]);
            ids.AddRange(created.BoardTasks.Select(task => task.Id));
        }

        await CreateAsync(64, 0, name: "create in one organization, 64 callers");
        var before = server.MemoryBytes;
        var calls = new List<AsyncServerStreamingCall<WatchResponse>>();
        foreach (var group in ids.Take(watchers).Chunk(100))
        {
            calls.AddRange(await System.Threading.Tasks.Task.WhenAll(group.Select(async id =>
            {
                var call = client.Changes.Watch(new WatchRequest { Ids = { id }, HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromMinutes(10)) }, Callers[0]);
                await call.ResponseStream.MoveNext(CancellationToken.None);
                return call;
            })));
        }

        Console.WriteLine($"| memory of each of {watchers} idle watchers | {(server.MemoryBytes - before) / watchers / 1024.0:F1} KiB | | | |");
        await CreateAsync(64, 0, name: $"the same beside {watchers} idle watchers of other tasks");
        calls.ForEach(call => call.Dispose());
        await CreateAsync(64, 0, name: "the same without them again");
    }

    private async Task<Task[]> WatchAsync(int watchers, Action received, CancellationToken stop)
    {
        var client = server.Connect();
        var tasks = new Task[watchers];
        for (var i = 0; i < watchers; i++)
        {
            var call = client.Changes.Watch(new WatchRequest(), Callers[0].WithCancellationToken(stop));
            await call.ResponseStream.MoveNext(CancellationToken.None);
            tasks[i] = ReadAsync(call, received, stop);
        }

        return tasks;
    }

    private static async Task ReadAsync(AsyncServerStreamingCall<WatchResponse> call, Action received, CancellationToken stop)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                foreach (var _ in call.ResponseStream.Current.Events)
                {
                    received();
                }
            }
        }
        catch (RpcException) when (stop.IsCancellationRequested)
        {
            // The phase is over.
        }
    }

    private async Task<LoadResult> MeasureAsync(int callers, Func<Random, Task> call)
    {
        var (clock, cpu) = (Stopwatch.StartNew(), server.Cpu);
        var latencies = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, callers).Select(async seed =>
        {
            var own = new List<double>();
            var random = new Random(seed);
            while (clock.Elapsed < duration)
            {
                var started = Stopwatch.GetTimestamp();
                await call(random);
                own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return own;
        }));
        return new LoadResult(clock.Elapsed, server.Cpu - cpu, [.. latencies.SelectMany(own => own).Order()]);
    }

    public static AgentTask Task(Random random) => new()
    {
        TaskType = "load",
        SourceType = (SourceType)random.Next(1, 7),
        Title = $"Task {random.Next()}",
        Description = Description,
        AssignedAgentRole = $"role-{random.Next(10)}",
        EntityType = "order",
        EntityId = random.Next().ToString(System.Globalization.CultureInfo.InvariantCulture),
        ExecutionMode = ExecutionMode.Hybrid,
        Priority = random.Next(200),
    };
}
