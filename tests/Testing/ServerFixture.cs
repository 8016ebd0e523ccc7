using TaskGrpc.Client;
using Xunit;

namespace TaskGrpc.Testing;

/// <summary>A server for the tests of one class, whatever its database. Each test takes an organization of its own.</summary>
public abstract class ServerFixture : IAsyncLifetime
{
    private TestServer? _server;
    private int _organizations;

    public TestServer Server
    {
        get
        {
            Assert.SkipWhen(Lacks is not null, Lacks ?? "");
            return _server ?? throw new InvalidOperationException("The server has not been started.");
        }
    }

    /// <summary>What the machine lacks for this database; null for nothing.</summary>
    protected virtual string? Lacks => null;

    public async ValueTask InitializeAsync() => _server = Lacks is null ? await StartAsync() : null;

    public virtual async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>An organization that no other test uses.</summary>
    public string NewOrganization() => $"org-{Interlocked.Increment(ref _organizations)}";

    /// <summary>A client of a person in an organization that no other test uses.</summary>
    public TaskGrpcClient NewClient() => Server.Client(NewOrganization());

    protected abstract Task<TestServer> StartAsync();
}

/// <summary>The server on PostgreSQL.</summary>
public sealed class PostgresServer : ServerFixture
{
    private readonly TemporaryFolder _folder = new();

    protected override string? Lacks => PostgresCluster.IsInstalled ? null : PostgresCluster.Missing;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override async Task<TestServer> StartAsync()
    {
        var cluster = await SharedPostgres.ClusterAsync();
        return await TestServer.StartAsync(_folder.Path, settings: cluster.Settings(await cluster.NewDatabaseAsync()));
    }
}

/// <summary>The server on SQLite.</summary>
public sealed class SqliteServer : ServerFixture
{
    private readonly TemporaryFolder _folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override Task<TestServer> StartAsync() => TestServer.StartAsync(_folder.Path);
}
