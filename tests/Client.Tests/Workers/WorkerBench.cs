using Google.Protobuf.WellKnownTypes;
using Grpc.Core.Interceptors;
using TaskGrpc.Testing;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests.Workers;

/// <summary>A server whose clock a test moves, and the workers of the test.</summary>
public sealed class WorkerBench : IAsyncLifetime
{
    /// <summary>Longer than any test lets pass on the server's clock.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromHours(10);

    private int _organizations;

    public TaskGrpcTestServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await TaskGrpcTestServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>Two clients of a new organization: a user's, and an agent's whose calls a test can disturb.</summary>
    internal (TaskGrpcClient User, TaskGrpcClient Agent, Disturbance Disturbance) Clients()
    {
        var organization = $"org-{Interlocked.Increment(ref _organizations)}";
        var disturbance = new Disturbance();
        var options = new TaskGrpcClientOptions
        {
            Metadata = new() { { "x-organization-id", organization }, { "x-actor-id", "bot" }, { "x-actor-type", "agent" } },
            TimeProvider = Server.Clock,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            MaxBackoff = TimeSpan.FromMilliseconds(20),
        };
        var agent = new TaskGrpcClient(Server.Invoker.Intercept(disturbance), options);
        return (Server.CreateClient(organization, "anna"), agent, disturbance);
    }

    /// <summary>A task that a worker may execute without an approval.</summary>
    internal static AgentTask Free(string title = "Refund order 1042")
    {
        var task = Sample.AgentTask(title);
        task.ApprovalPolicy = ApprovalPolicy.AutoExecute;
        return task;
    }

    internal static Task<AgentTask> UntilAsync(TaskGrpcClient client, string id, Func<AgentTask, bool> condition) =>
        client.WaitForAgentTaskAsync(id, condition, Limit).WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Runs a worker during a test, and stops it gracefully.</summary>
    internal static async Task WhileAsync<T>(TaskGrpcWorker<T> worker, Func<Task> test)
        where T : class, IClaimable
    {
        using var stop = new CancellationTokenSource();
        var running = worker.RunAsync(stop.Token);
        var testing = test();
        await Task.WhenAny(testing, running);
        await stop.CancelAsync();
        // A worker that fails is the cause of what the test misses.
        await running.WaitAsync(TimeSpan.FromSeconds(60));
        await testing;
    }

    /// <summary>Moves the clock on by ten seconds, and waits until the holder of a resource has been heard after that.</summary>
    internal async Task BeatAsync(TaskGrpcClient client, string id)
    {
        var before = await HeardAsync(client, id);
        Server.Clock.Advance(TimeSpan.FromSeconds(10));
        while (await HeardAsync(client, id) <= before)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    internal static async Task<Timestamp> HeardAsync(TaskGrpcClient client, string id) =>
        (await client.ListLeasesAsync(new() { Kind = ResourceKind.AgentTask, Filter = $"id = \"{id}\"" }).SingleAsync()).LastHeartbeatAt;

    internal static async Task<List<Change>> ChangesAsync(TaskGrpcClient client, string id) =>
        [.. (await client.ListChangesAsync(new() { Ids = { id } }).ToListAsync()).Select(item => item.Change)];
}
