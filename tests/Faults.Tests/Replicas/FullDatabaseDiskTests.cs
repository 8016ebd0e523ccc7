using System.Net;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.Replicas;

/// <summary>The disk under PostgreSQL is full: PostgreSQL survives a full disk of its data, but not of its log.</summary>
public sealed class FullDatabaseDiskTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SmallDisk _disk = new(160);

    public void Dispose()
    {
        _disk.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_full_disk_of_data_Refuses_changes_as_STORAGE_FULL_and_leaves_reads_alone()
    {
        await using var cluster = await PostgresCluster.StartOnAsync(_disk.Path, _folder.Path);
        using var server = PostgresReplica.On(_folder.Path, ServingHttp(cluster.Settings(await cluster.NewDatabaseAsync()), out var http));
        await server.StartAsync();
        using var client = server.Client("org");
        var task = await client.CreateAgentTaskAsync();
        // A signing secret makes the server create its keys.
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        _disk.Fill();
        await UntilRefusedAsync(client, ErrorReason.StorageFull);
        for (var i = 0; i < 20; i++)
        {
            await Refusal.OfAsync(ErrorReason.StorageFull, () => client.CreateAgentTaskAsync());
            Assert.Equal(task, await client.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }));
        }

        await http.UntilReadyAsync(HttpStatusCode.ServiceUnavailable);
        _disk.Clear();
        await http.UntilReadyAsync(HttpStatusCode.OK);
        await client.CreateAgentTaskAsync();
        AssertToldOnce(server, "disk is full", "has room again");
    }

    [Fact]
    public async Task A_full_disk_of_the_log_Stops_PostgreSQL_and_the_errors_say_so()
    {
        await using var cluster = await PostgresCluster.StartOnAsync(null, _disk.Path);
        using var server = PostgresReplica.On(_folder.Path, ServingHttp(cluster.Settings(await cluster.NewDatabaseAsync()), out var http));
        await server.StartAsync();
        using var client = server.Client("org");
        await client.CreateAgentTaskAsync();
        await client.SigningSecrets.CreateSigningSecretAsync(new());
        _disk.Fill();
        // The error that the server can read depends on which PostgreSQL process fails first, so the server claims no more than
        // STORAGE_UNAVAILABLE.
        await UntilRefusedAsync(client, ErrorReason.StorageUnavailable);
        await http.UntilReadyAsync(HttpStatusCode.ServiceUnavailable);

        // PostgreSQL exits when its log has no room; an operator frees space and starts it again.
        _disk.Clear();
        await cluster.UntilEndedAsync();
        await cluster.ResumeAsync();
        await http.UntilReadyAsync(HttpStatusCode.OK);
        await client.CreateAgentTaskAsync();
        output.WriteLine(string.Join('\n', server.Output));
        Assert.InRange(server.Output.Count(line => line.StartsWith("warn", StringComparison.Ordinal)), 1, 6);
        Assert.DoesNotContain(server.Output, line => line.StartsWith("         at ", StringComparison.Ordinal));
    }

    /// <summary>Writes large tasks until the disk is full.</summary>
    /// <param name="client">The client that writes.</param>
    /// <param name="other">Another reason that a refusal may have besides STORAGE_FULL.</param>
    private static async Task UntilRefusedAsync(TaskGrpcClient client, ErrorReason other)
    {
        var large = new BatchCreateAgentTasksRequest();
        large.AgentTasks.AddRange(Enumerable.Range(0, 20).Select(i =>
        {
            var task = Sample.AgentTask("large");
            // Random text, which does not compress.
            task.Description = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(30_000));
            return task;
        }));
        for (var i = 0; i < 500; i++)
        {
            try
            {
                await client.AgentTasks.BatchCreateAgentTasksAsync(large);
            }
            catch (TaskGrpcException refusal)
            {
                Assert.Contains(refusal.Reason, new[] { ErrorReason.StorageFull, other });
                return;
            }
        }

        Assert.Fail("The disk is still not full.");
    }

    private void AssertToldOnce(ServerProcess server, string begin, string end)
    {
        output.WriteLine(string.Join('\n', server.Output));
        Assert.Single(server.Output, line => line.Contains(begin, StringComparison.Ordinal));
        Assert.Single(server.Output, line => line.Contains(end, StringComparison.Ordinal));
        Assert.DoesNotContain(server.Output,
            line => line.StartsWith("      at ", StringComparison.Ordinal) || line.StartsWith("         at ", StringComparison.Ordinal));
        Assert.InRange(
            server.Output.Count(line =>
                line.StartsWith("warn", StringComparison.Ordinal) || line.StartsWith("fail", StringComparison.Ordinal)), 2, 6);
    }

    private static Dictionary<string, string?> ServingHttp(Dictionary<string, string?> settings, out HttpClient http)
    {
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}") };
        settings["Kestrel:Endpoints:Http:Url"] = http.BaseAddress.ToString();
        return settings;
    }
}
