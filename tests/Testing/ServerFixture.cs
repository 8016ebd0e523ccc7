using TaskGrpc.Client;
using Xunit;

namespace TaskGrpc.Testing;

/// <summary>A server for the tests of one class, whatever its database. Each test takes an organization of its own.</summary>
public abstract class ServerFixture : IAsyncLifetime
{
    private TestServer? _server;
    private int _organizations;

    public TestServer Server => _server ?? throw new InvalidOperationException("The server has not been started.");

    public async ValueTask InitializeAsync() => _server = await StartAsync();

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
