using Microsoft.Data.Sqlite;
using TaskGrpc.Client;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>A server for the tests of one class, on any database. Each test takes its own organization.</summary>
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

    /// <summary>What this machine lacks for the database; null if nothing.</summary>
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

    /// <summary>Whether clients call it with JSON, which cannot express every message.</summary>
    public bool IsJson => Server.Protocol == TestProtocol.Json;

    /// <summary>An organization that no other test uses.</summary>
    public string NewOrganization() => $"org-{Interlocked.Increment(ref _organizations)}";

    /// <summary>A USER's client in an organization that no other test uses.</summary>
    public TaskGrpcClient NewClient() => Server.Client(NewOrganization());

    /// <summary>Runs statements on the server's database, as its operator can.</summary>
    public abstract Task ExecuteAsync(string sql);

    /// <summary>Adds a trigger that makes the database refuse every row of a table that meets a condition over <c>NEW</c>.</summary>
    public abstract Task RefuseAsync(string table, string condition);

    protected abstract Task<TestServer> StartAsync();
}

public sealed class PostgresServer : ServerFixture
{
    private readonly TemporaryFolder _folder = new();
    private string _database = "";

    protected override string? Lacks => PostgresCluster.IsInstalled ? null : PostgresCluster.Missing;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    public override async Task ExecuteAsync(string sql) => await (await SharedPostgres.ClusterAsync()).ExecuteAsync(sql, _database);

    public override Task RefuseAsync(string table, string condition) => RaiseAsync(table, condition, "P0001");

    /// <summary>The same, with an SQLSTATE of PostgreSQL or an invented one.</summary>
    public Task RaiseAsync(string table, string condition, string code)
    {
        var name = $"refuse_{Guid.NewGuid():N}";
        return ExecuteAsync($"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$;
            CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}();
            """);
    }

    protected override async Task<TestServer> StartAsync()
    {
        var cluster = await SharedPostgres.ClusterAsync();
        _database = await cluster.NewDatabaseAsync();
        return await TestServer.StartAsync(_folder.Path, settings: cluster.Settings(_database));
    }
}

/// <summary>The server on SQLite, called in-process.</summary>
public sealed class InProcessServer : SqliteServer
{
    protected override TestProtocol Protocol => TestProtocol.InProcess;
}

/// <summary>The server on SQLite, called over HTTP with JSON.</summary>
public sealed class JsonServer : SqliteServer
{
    protected override TestProtocol Protocol => TestProtocol.Json;
}

public class SqliteServer : ServerFixture
{
    private readonly TemporaryFolder _folder = new();

    protected virtual TestProtocol Protocol => TestProtocol.Grpc;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    public override async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "taskgrpc.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    public override async Task RefuseAsync(string table, string condition)
    {
        foreach (var write in new[] { "INSERT", "UPDATE" })
        {
            await ExecuteAsync(
                $"CREATE TRIGGER refuse_{Guid.NewGuid():N} BEFORE {write} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, "
                + "'refused'); END");
        }
    }

    protected override Task<TestServer> StartAsync() => TestServer.StartAsync(_folder.Path, protocol: Protocol);
}
