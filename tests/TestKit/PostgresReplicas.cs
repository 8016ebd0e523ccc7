using Npgsql;
using TaskGrpc.Server.Storage;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>Several servers in this process on one database, each behind its own proxy, which can hold up or cut connections.</summary>
public sealed class PostgresReplicas : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<TestServer> _servers = [];
    private readonly List<Balancer> _links = [];

    private PostgresReplicas(PostgresCluster cluster, string database) => (Cluster, Database) = (cluster, database);

    public PostgresCluster Cluster { get; }

    public string Database { get; }

    public IReadOnlyList<TestServer> Servers => _servers;

    /// <summary>Each server's proxy to the database.</summary>
    public IReadOnlyList<Balancer> Links => _links;

    /// <param name="count">The number of servers.</param>
    /// <param name="cluster">The cluster; null for the one that the tests of this process share.</param>
    /// <param name="settings">Settings for all servers, besides the database.</param>
    public static async Task<PostgresReplicas> StartAsync(
        int count, PostgresCluster? cluster = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        cluster ??= await SharedPostgres.ClusterAsync();
        var replicas = new PostgresReplicas(cluster, await cluster.NewDatabaseAsync());
        for (var i = 0; i < count; i++)
        {
            await replicas.AddAsync(settings);
        }

        return replicas;
    }

    public async Task<TestServer> AddAsync(IReadOnlyDictionary<string, string?>? settings = null)
    {
        var link = new Balancer(Cluster.Port);
        var all = Cluster.Settings(Database, link.Port);
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>())
        {
            all[key] = value;
        }

        _links.Add(link);
        _servers.Add(await StartedAsync(all));
        return _servers[^1];
    }

    /// <summary>
    /// Starts a server. It waits five seconds for the database, which is too short for a cluster that has just been started on a busy
    /// machine: then it starts again.
    /// </summary>
    private async Task<TestServer> StartedAsync(Dictionary<string, string?> settings)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            try
            {
                return await TestServer.StartAsync(_folder.Path, settings: settings);
            }
            catch (RefusedToStartException slow)
                when (slow.InnerException is NpgsqlException { InnerException: TimeoutException } && !late.IsCancellationRequested)
            {
            }
        }
    }

    /// <summary>Expects errors in the servers' logs that contain this text.</summary>
    public void ExpectErrors(string part) => _servers.ForEach(server => server.ExpectErrors(part));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        foreach (var link in _links)
        {
            await link.DisposeAsync();
        }

        _folder.Dispose();
    }
}
