using System.Text;
using Google.Protobuf;
using TaskGrpc.Load.Measuring;

namespace TaskGrpc.Load.Subjects;

/// <summary>A Redis stream with a group of consumers, each on its own connection.</summary>
internal sealed class RedisStream : IDisposable
{
    private const int InBatch = 1000;

    private static readonly byte[] Key = "jobs"u8.ToArray();
    private static readonly byte[] Group = "workers"u8.ToArray();

    private readonly RedisConnection[] _connections;

    private RedisStream(RedisConnection[] connections) => _connections = connections;

    public static async Task<RedisStream> OpenAsync(RedisServer server)
    {
        var connections =
            await Task.WhenAll(Enumerable.Range(0, MeasuredQueue.Workers).Select(_ => RedisConnection.OpenAsync(server.Address)));
        await connections[0].CallAsync("XGROUP"u8.ToArray(), "CREATE"u8.ToArray(), Key, Group, "0"u8.ToArray(), "MKSTREAM"u8.ToArray());
        return new RedisStream(connections);
    }

    /// <summary>Its entries as a queue to measure.</summary>
    /// <param name="cpu">The CPU time used so far.</param>
    public MeasuredQueue Queue(Func<TimeSpan> cpu) => new(cpu, FillAsync,
        drain => MeasuredQueue.DrainAsync(drain.Jobs, drain.Time, worker => WorkAsync(worker, drain.Batch)));

    public void Dispose() => Array.ForEach(_connections, connection => connection.Dispose());

    private async Task FillAsync(int count)
    {
        var random = new Random();
        foreach (var numbers in Enumerable.Range(0, count).Chunk(InBatch))
        {
            await _connections[0].CallAllAsync([.. numbers.Select(_ => (byte[][])
                ["XADD"u8.ToArray(), Key, "*"u8.ToArray(), "task"u8.ToArray(), ReadyTasks.New(random).ToByteArray()])]);
        }
    }

    private async Task<int> WorkAsync(int worker, int batch)
    {
        var connection = _connections[worker];
        var answer = await connection.CallAsync("XREADGROUP"u8.ToArray(), "GROUP"u8.ToArray(), Group,
            Encoding.ASCII.GetBytes($"worker-{worker}"), "COUNT"u8.ToArray(), Encoding.ASCII.GetBytes($"{batch}"), "STREAMS"u8.ToArray(),
            Key, ">"u8.ToArray());
        if (answer is not object?[] streams)
        {
            return 0;
        }

        // The answer is [[stream, [[id, [field, value]], …]]].
        var entries = (object?[])((object?[])streams[0]!)[1]!;
        byte[][] ids = [.. entries.Select(entry => Encoding.ASCII.GetBytes((string)((object?[])entry!)[0]!))];
        await connection.CallAsync(["XACK"u8.ToArray(), Key, Group, .. ids]);
        return entries.Length;
    }
}
