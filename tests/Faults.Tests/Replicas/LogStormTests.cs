using TaskGrpc.Client;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Faults.Tests.Replicas;

/// <summary>
/// However long an outage under load lasts, the log has one message at its begin and one at its end, and the replicas make few attempts
/// connect.
/// </summary>
public sealed class LogStormTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(FaultRounds.AreMany ? 15 : 10);

    private static readonly (string Begin, string End)[] Outages =
    [
        ("CONNECTION LIMIT 12", "CONNECTION LIMIT -1"),
        ("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"),
    ];

    private const int MostAttemptsPerSecond = 3;
    private const string BackAgain = "The database answers again";

    private readonly TemporaryFolder _folder = new();
    private ServerProcess[] _replicas = [];

    public void Dispose()
    {
        Array.ForEach(_replicas, replica => replica.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task An_outage_under_load_Is_logged_once_and_few_connections_are_tried()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        await using var cluster = await PostgresCluster.StartAsync("log_connections=on");
        var database = await cluster.NewDatabaseAsync();
        _replicas = [.. Enumerable.Range(0, 3).Select(_ => PostgresReplica.On(_folder.Path, cluster.Settings(database)))];
        await Task.WhenAll(_replicas.Select(replica => replica.StartAsync()));
        using var stop = new CancellationTokenSource();
        var warm = _replicas.SelectMany(_ => Enumerable.Range(0, 4)).Select(_ => new TaskCompletionSource()).ToArray();
        var load = warm.Select((isWarm, i) => CallAsync(_replicas[i / 4], $"org-{i % 4}", isWarm, stop.Token)).ToArray();
        await Task.WhenAll(warm.Select(isWarm => isWarm.Task));

        for (var i = 0; i < Outages.Length; i++)
        {
            await FailAsync(cluster, database, Outages[i].Begin, Outages[i].End);
            Assert.All(_replicas, replica => Assert.Equal(i + 1, Count(replica, "The database fails")));
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.All(_replicas,
            replica => Assert.DoesNotContain(replica.Output, line => line.StartsWith("         at ", StringComparison.Ordinal)));
        using var client = _replicas[0].Client("org-0", maxAttempts: 5);
        await client.CreateBoardTaskAsync();
    }

    /// <summary>An outage and its end, which every replica logs.</summary>
    private async Task FailAsync(PostgresCluster cluster, string database, string begin, string end)
    {
        var ended = _replicas.Select(replica => Count(replica, BackAgain)).ToArray();
        var (attemptsBefore, linesBefore) = (await AttemptsAsync(cluster), Lines());
        await cluster.ExecuteAsync($"ALTER DATABASE {database} {begin}");
        await cluster.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        await Task.Delay(Outage, TimeProvider.System, TestContext.Current.CancellationToken);
        var (attempts, lines) =
            (await AttemptsAsync(cluster) - attemptsBefore, Lines().Zip(linesBefore, (now, then) => now - then).ToArray());
        output.WriteLine(
            $"{begin}: in {Outage.TotalSeconds} s {attempts} attempts to connect by three replicas, and log lines: "
            + $"{string.Join(", ", lines)}.");
        Assert.InRange(attempts, 3, 3 * MostAttemptsPerSecond * (int)Outage.TotalSeconds);
        // A heading and a message for the outage, and the same for each commit with an unknown outcome.
        Assert.All(lines, count => Assert.InRange(count, 2, 8));

        await cluster.ExecuteAsync($"ALTER DATABASE {database} {end}");
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (_replicas.Zip(ended).Any(pair => Count(pair.First, BackAgain) == pair.Second))
        {
            Assert.False(late.IsCancellationRequested, "A replica has not logged the end of the outage.");
            await BackOff.WaitAsync();
        }
    }

    private static int Count(ServerProcess replica, string part) =>
        replica.Output.Count(line => line.Contains(part, StringComparison.Ordinal));

    private int[] Lines() => [.. _replicas.Select(replica => replica.Output.Count)];

    private static async Task<int> AttemptsAsync(PostgresCluster cluster)
    {
        var log = (string)(await cluster.ExecuteAsync($"SELECT pg_read_file('{cluster.Log}')"))!;
        return log.Split("connection received").Length - 1;
    }

    /// <summary>Reads and writes in a loop, with a pause after a failure, and follows the log.</summary>
    private static async Task CallAsync(ServerProcess replica, string organization, TaskCompletionSource isWarm, CancellationToken stop)
    {
        using var client = replica.Client(organization);
        using var watch = await WatchProbe.OpenAsync(client, cancellationToken: CancellationToken.None);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await client.CreateBoardTaskAsync();
                // Only a page with a token to the next page needs the keys.
                if ((await client.BoardTasks.ListBoardTasksAsync(
                    new() { PageSize = 1 }, cancellationToken: CancellationToken.None)).NextPageToken.Length > 0)
                {
                    isWarm.TrySetResult();
                }
            }
            catch (TaskGrpcException)
            {
                // Expected during the outage.
            }

            await BackOff.WaitAsync();
        }
    }
}
