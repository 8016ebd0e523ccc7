using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.Load.Bare;
using TaskGrpc.Load.Etcd;
using TaskGrpc.Load.Measuring;
using TaskGrpc.Load.Subjects;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Runs;

/// <summary>Gets by id and transitions, against a bare echo of the same message; gets against etcd's Range too.</summary>
internal static class GetRun
{
    private const int Callers = 64;

    public static async Task RunAsync(LoadOptions options, Report report)
    {
        using var server = await LoadServer.StartAsync();
        using var etcd = await EtcdServer.StartAsync();
        using var bare = await BareServer.StartAsync();
        using GrpcChannel own = server.Channel(), theirs = etcd.Channel(), floor = bare.Channel();
        var kv = new KV.KVClient(theirs);
        var stored = await Dataset.FillAsync(own, options.Count(20_000, 1000));
        await Parallel.ForEachAsync(stored,
            async (task, stop) =>
            await kv.PutAsync(
                new PutRequest { Key = ByteString.CopyFromUtf8(task.Id), Value = Tasks.Stored(new Random()).ToByteString() },
                cancellationToken: stop));

        var gets = report.Add(await Comparison.RunAsync(
            $"get by id, {Callers} callers",
            options,
            new("TaskGrpc", turn => GetAsync(server, own, stored, turn)),
            Echo(bare, floor),
            new("etcd Range",
                turn => ClosedLoop.RunAsync(Callers, turn, etcd,
                    async (_, random) =>
                    await kv.RangeAsync(new RangeRequest { Key = ByteString.CopyFromUtf8(stored[random.Next(stored.Count)].Id) })))));
        report.AtLeast("get by id against a bare echo, 64 callers", gets.Ratios(1), 0.7, 0.85);
        report.AtLeast("get by id against etcd's Range, 64 callers", gets.Ratios(2), 3, 4);

        await using var nearby = await NearbyServer.StartAsync();
        var kept = await Dataset.FillAsync(nearby.Invoker, options.Count(20_000, 1000));
        var inProcess = report.Add(await Comparison.RunAsync(
            $"get by id without a network, {Callers} callers",
            options,
            new("TaskGrpc, in its process", turn => GetAsync(() => NearbyServer.Cpu, nearby.Invoker, kept, turn)),
            new("TaskGrpc, over gRPC", turn => GetAsync(server, own, stored, turn))));
        report.AtMost("processor time of a get in the server's process against the server's over gRPC",
            inProcess.Ratios(1, sample => sample.Cpu), 0.33, 0.25);

        report.Add(await Comparison.RunAsync($"transition, {Callers} callers", options,
            new("TaskGrpc", turn => TransitionAsync(server, own, stored, turn)), Echo(bare, floor)));
    }

    public static Task<Sample> GetAsync(
        Subject server, GrpcChannel channel, IReadOnlyList<(int Organization, string Id)> stored, TimeSpan turn,
            CallOptions[]? callers = null) =>
        GetAsync(() => server.Cpu, channel.CreateCallInvoker(), stored, turn, callers);

    private static Task<Sample> GetAsync(
        Func<TimeSpan> cpu, CallInvoker invoker, IReadOnlyList<(int Organization, string Id)> stored, TimeSpan turn,
            CallOptions[]? callers = null)
    {
        var tasks = new AgentTaskService.AgentTaskServiceClient(invoker);
        return ClosedLoop.RunAsync(Callers, turn, cpu, async (_, random) =>
        {
            var (organization, id) = stored[random.Next(stored.Count)];
            await tasks.GetAgentTaskAsync(new GetAgentTaskRequest { Id = id }, (callers ?? Tasks.Callers)[organization]);
        });
    }

    private static Alternative Echo(Subject bare, GrpcChannel channel)
    {
        var client = new BareService.BareServiceClient(channel);
        var message = Tasks.Stored(new Random(1));
        return new("bare echo", turn => ClosedLoop.RunAsync(Callers, turn, bare, async (_, _) => await client.EchoAsync(message)));
    }

    /// <summary>Each caller moves its own tasks from QUEUED to PLANNING and back.</summary>
    private static async Task<Sample> TransitionAsync(
        Subject server, GrpcChannel channel, IReadOnlyList<(int Organization, string Id)> stored, TimeSpan turn)
    {
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        var own = stored.Chunk(stored.Count / Callers).ToArray();
        var planning = own.Select(share => new bool[share.Length]).ToArray();

        async Task MoveAsync(int caller, int at)
        {
            var (organization, id) = own[caller][at];
            planning[caller][at] ^= true;
            await tasks.TransitionAgentTaskAsync(
                new TransitionAgentTaskRequest
                {
                    Id = id,
                    Status = planning[caller][at] ? AgentTaskStatus.Planning : AgentTaskStatus.Queued
                }, Tasks.Callers[organization]);
        }

        var sample =
            await ClosedLoop.RunAsync(Callers, turn, server, (caller, random) => MoveAsync(caller, random.Next(own[caller].Length)));
        foreach (var (caller,
            at) in planning.SelectMany((share, caller) =>
            Enumerable.Range(0, share.Length).Where(at => share[at]).Select(at => (caller, at))).ToList())
        {
            await MoveAsync(caller, at);
        }

        return sample;
    }
}
