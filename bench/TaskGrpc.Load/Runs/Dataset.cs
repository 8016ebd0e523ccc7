using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>Stores that are filled once and used by several measurements.</summary>
internal sealed class Dataset : IDisposable
{
    private const int InBatch = 1000;
    private const int Callers = 4;

    private Dataset(DirectoryInfo folder, int tasks, IReadOnlyList<(int, string)> some) => (Folder, Count, Some) = (folder, tasks, some);

    public DirectoryInfo Folder { get; }

    public int Count { get; }

    /// <summary>A random sample of all its tasks.</summary>
    public IReadOnlyList<(int Organization, string Id)> Some { get; }

    /// <summary>Creates a store with the given number of tasks.</summary>
    public static async Task<Dataset> MakeAsync(int tasks, params (int Organization, int Tasks)[] larger)
    {
        var folder = Directory.CreateTempSubdirectory("taskgrpc-data-");
        using var server = await LoadServer.StartAsync(folder);
        using var channel = server.Channel();
        var some = await FillAsync(channel, tasks, 20_000);
        foreach (var (organization, count) in larger)
        {
            await FillAsync(channel, count, 0, organization);
        }

        return new Dataset(folder, tasks, some);
    }

    /// <summary>Fills a store and returns a sample of its tasks.</summary>
    /// <param name="channel">A channel to the store's server.</param>
    /// <param name="tasks">The number of tasks to create.</param>
    /// <param name="kept">The most tasks to return.</param>
    /// <param name="organization">The tasks' organization; null to spread the tasks over all.</param>
    /// <param name="callers">The callers, by organization; null for callers without tokens.</param>
    public static Task<IReadOnlyList<(int Organization, string Id)>> FillAsync(
        GrpcChannel channel, int tasks, int kept = int.MaxValue, int? organization = null, CallOptions[]? callers = null) =>
        FillAsync(channel.CreateCallInvoker(), tasks, kept, organization, callers);

    /// <inheritdoc cref="FillAsync(GrpcChannel, int, int, int?, CallOptions[])"/>
    public static async Task<IReadOnlyList<(int Organization, string Id)>> FillAsync(
        CallInvoker invoker, int tasks, int kept = int.MaxValue, int? organization = null, CallOptions[]? callers = null)
    {
        var client = new AgentTaskService.AgentTaskServiceClient(invoker);
        var (some, left, inBatch) = (new List<(int, string)>(), tasks, Math.Max(1, Math.Min(InBatch, tasks / Tasks.Organizations)));
        var share = Math.Max(1.0, tasks / (double)kept);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async seed =>
        {
            var random = new Random(seed);
            while (Interlocked.Add(ref left, -inBatch) > -inBatch)
            {
                var place = organization ?? random.Next(Tasks.Organizations);
                var request = new BatchCreateAgentTasksRequest();
                request.AgentTasks.AddRange(Enumerable.Range(0, inBatch).Select(_ => Tasks.New(random)));
                var answer = await client.BatchCreateAgentTasksAsync(request, (callers ?? Tasks.Callers)[place]);
                lock (some)
                {
                    some.AddRange(answer.AgentTasks.Where(_ => random.NextDouble() * share < 1).Select(task => (place, task.Id)));
                }
            }
        }));
        return some;
    }

    public void Dispose() => Folder.Delete(recursive: true);
}
