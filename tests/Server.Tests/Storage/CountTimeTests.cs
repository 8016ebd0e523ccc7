using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Data.Sqlite;
using TaskGrpc.Client;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>A count ends at Limits:CountTime, gives its reader back, and leaves a connection that answers the next call.</summary>
public sealed class CountTimeTests : IDisposable
{
    private const int Copies = 60_000;

    /// <summary>Looks into each row's metadata once for each of its terms: seconds, left alone.</summary>
    private static readonly CountRequest Long = new()
    {
        Kind = ResourceKind.AgentTask,
        Filter = string.Join(" AND ", Enumerable.Range(0, 64).Select(i => $"metadata.k != \"*x{i}*\"")),
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task On_SQLite_a_count_Ends_in_time_and_its_reader_answers_again()
    {
        await using (var first = await TestServer.StartAsync(_folder.Path))
        {
            await CreateAsync(first);
        }

        SqliteConnection.ClearAllPools();
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "taskgrpc.db")};Pooling=false"))
        {
            connection.Open();
            using var copy = connection.CreateCommand();
            var numbers = $"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Copies}) ";
            copy.CommandText = numbers + Copied(Tables.AgentTasks.Sqlite, "randomblob(16)", "n");
            copy.ExecuteNonQuery();
        }

        await EndsInTimeAsync(new() { ["Limits:CountTime"] = "00:00:00.1", ["Storage:ReaderConnections"] = "1" });
    }

    [Fact]
    public async Task On_PostgreSQL_a_count_Ends_in_time_and_its_reader_answers_again()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        var database = await cluster.NewDatabaseAsync();
        await using (var first = await TestServer.StartAsync(_folder.Path, settings: cluster.Settings(database)))
        {
            await CreateAsync(first);
        }

        await cluster.ExecuteAsync(
            Copied(Tables.AgentTasks.Postgres, "gen_random_uuid()", $"generate_series(1, {Copies}) AS n"), database);
        foreach (var secured in new[] { "false", "true" })
        {
            await EndsInTimeAsync(new(cluster.Settings(database))
            {
                ["Limits:CountTime"] = "00:00:00.1",
                ["Storage:ReaderConnections"] = "1",
                ["Storage:RowLevelSecurity"] = secured,
            });
        }
    }

    private static async Task CreateAsync(TestServer server)
    {
        using var client = server.Client("org");
        await client.CreateAgentTaskAsync(
            new(Sample.AgentTask()) { Metadata = new() { Fields = { ["k"] = Value.ForString(new string('y', 500)) } } });
    }

    private static string Copied(TableForm table, string id, string numbers)
    {
        var values = string.Join(", ", table.Columns.Select(column => column.Name == "id" ? id : column.Name));
        return $"INSERT INTO {table.Table.Name} ({TableForm.Names(table.Columns)}) SELECT {values} FROM {table.Table.Name}, {numbers}";
    }

    private async Task EndsInTimeAsync(Dictionary<string, string?> settings)
    {
        await using var server = await TestServer.StartAsync(_folder.Path, settings: settings);
        using var client = server.Client("org");
        for (var i = 0; i < 20; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var late = await Assert.ThrowsAsync<TaskGrpcException>(() => client.Statistics.CountAsync(Long).ResponseAsync);
            Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromMilliseconds(95), TimeSpan.FromSeconds(1.5));

            // The server has one reader: the next call waits for it.
            began = Stopwatch.GetTimestamp();
            Assert.Empty((await client.BoardTasks.ListBoardTasksAsync(new())).BoardTasks);
            Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
        }

        // A caller that cancels frees the reader too.
        using var cancel = new CancellationTokenSource();
        var canceled = client.Statistics.CountAsync(Long, cancellationToken: cancel.Token).ResponseAsync;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => canceled);
        Assert.Empty((await client.BoardTasks.ListBoardTasksAsync(new())).BoardTasks);
    }
}
