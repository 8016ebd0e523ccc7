using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Faults.Tests.Replicas;

/// <summary>Replicas that a deployment starts at the same time on an empty database.</summary>
public sealed class FirstStartTests : IDisposable
{
    private const int Replicas = 3;

    private static readonly int Databases = FaultRounds.AreMany ? 10 : 2;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Replicas_that_start_together_on_an_empty_database_All_start()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        for (var i = 0; i < Databases; i++)
        {
            var database = $"empty_{i}";
            await cluster.ExecuteAsync($"CREATE DATABASE {database} OWNER taskgrpc");
            var servers = Enumerable.Range(0, Replicas).Select(_ => PostgresReplica.On(_folder.Path, cluster.Settings(database))).ToList();
            try
            {
                Assert.DoesNotContain(false, await Task.WhenAll(servers.Select(server => server.TryStartAsync())));
            }
            finally
            {
                servers.ForEach(server => server.Dispose());
            }
        }
    }
}
