using System.Data.Common;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using TaskGrpc.Server.Storage.Keys;
using TaskGrpc.Server.Storage.Postgres.Replicas;
using TaskGrpc.Server.Storage.Postgres.Sessions;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>The store on PostgreSQL, shared with any number of replicas.</summary>
internal sealed class PostgresStore : TaskStore
{
    /// <summary>Connections beside those of readers and writers: the poll, LISTEN, NOTIFY, the count for a metric.</summary>
    private const int OwnConnections = 4;

    private readonly IConfiguration _configuration;
    private readonly ILogger _logger;
    private readonly PostgresSharedStore _shared;
    private PostgresConnections? _connections;
    private ConnectionGate? _gate;
    private NpgsqlDataSource? _source;
    private NpgsqlDataSource? _listeners;
    private NpgsqlDataSource? _writers;

    public PostgresStore(IOptions<StorageOptions> options, IConfiguration configuration, ILogger<PostgresStore>? logger = null)
        : base(options)
    {
        (_configuration, _logger) = (configuration, logger ?? (ILogger)NullLogger.Instance);
        _shared = new PostgresSharedStore(this);
    }

    /// <summary>The folder of the keys; null if they are in the database.</summary>
    private string? KeysPath => Options.KeyDirectory is { Length: > 0 } ? KeyFolder.Of(Options, "") : null;

    public override int Writers => Options.WriterConnections;

    public override SharedStore Shared => _shared;

    public override void Open()
    {
        _connections = new PostgresConnections(_configuration.GetConnectionString("Tasks"), Options);
        _gate = new ConnectionGate(_connections);
        try
        {
            Migrate(_connections);
        }
        catch (Exception exception) when (
            exception is DbException or SocketException or IOException or TimeoutException or ArgumentException or NotSupportedException
                or AuthenticationException)
        {
            throw Unusable(exception);
        }

        _source = _connections.Readers();
        _writers = _connections.Writers();
        _listeners = _connections.Listeners();
        AddThreads();
    }

    public override void RequireExisting()
    {
        using var source = new PostgresConnections(_configuration.GetConnectionString("Tasks"), Options).Migrations();
        using var command = source.CreateCommand("SELECT to_regclass('organizations') IS NOT NULL");
        if (command.ExecuteScalar() is not true)
        {
            throw new RefusedToStartException(
                "The database that ConnectionStrings:Tasks names has no tables of TaskGrpc. Name the database to copy from.");
        }
    }

    public override RefusedToStartException Unusable(Exception exception)
    {
        var reason = FailureText.Of(exception);
        var advice = reason.Contains("pooling mode", StringComparison.Ordinal)
            ? "A connection pooler must be in session mode: set pool_mode to session for this database, or connect to PostgreSQL itself."
            : "Start the database, or correct the connection string or the role's rights.";
        return new RefusedToStartException(
            $"The database named by ConnectionStrings:Tasks cannot be used ({reason}). {advice}", exception);
    }

    public override StoreWriter OpenWriter() =>
        new PostgresWriter(Connect(_writers), _shared.Seen, _logger);

    public override string LaneOf(string organizationId) => organizationId;

    /// <summary>Opens a connection besides those of readers and writers.</summary>
    public Task<NpgsqlConnection> OpenConnectionAsync(CancellationToken cancellationToken) =>
        _gate!.OpenAsync(_source ?? throw NotOpen(), cancellationToken);

    /// <summary>Opens a connection that may be silent for long and must notice that it is broken.</summary>
    public Task<NpgsqlConnection> OpenListenerAsync(CancellationToken cancellationToken) =>
        _gate!.OpenAsync(_listeners ?? throw NotOpen(), cancellationToken);

    public override void DiscardIdle()
    {
        base.DiscardIdle();
        _connections?.ForgetHosts();
    }

    public override IXmlRepository KeyRepository() => KeysPath is { } path ? new KeyFiles(path) : new PostgresKeys(Connect);

    public override void CheckKeys()
    {
        if (KeysPath is { } path)
        {
            KeyFolder.Check(path);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _shared.Dispose();
        _source?.Dispose();
        _writers?.Dispose();
        _listeners?.Dispose();
    }

    public override PostgresStoreConnection Connect() => Connect(_source);

    private PostgresStoreConnection Connect(NpgsqlDataSource? source) =>
        new(_gate!.Open(source ?? throw NotOpen()), Options.RowLevelSecurity);

    /// <summary>
    /// A reader blocks its thread until the database answers, and the thread pool adds threads slowly. Measured with four readers, two
    /// processors and answers of 20 ms: the higher minimum shortens the wait for the first four answers from 50 to 27 ms, and for fifty
    /// answers to each reader from 1.6 to 1.0 s. The whole process uses the pool, so this never lowers its minimum.
    /// </summary>
    private void AddThreads()
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + Options.ReaderConnections), ports);
    }

    /// <summary>
    /// Runs without the service's timeouts, because a migration may take long. One replica migrates at a time; its lock ends with its
    /// connection.
    /// </summary>
    private void Migrate(PostgresConnections connections)
    {
        using var source = connections.Migrations();
        using var connection = source.OpenConnection();
        DatabaseRequirements.Check(connection, source.CreateConnection);
        using (var wait = new MigrationWait(source, connection.ProcessID, _logger))
        {
            // EF's own lock is on a table. Replicas that start together on an empty database would all create that table at once.
            using var one = new Query(connection, "SELECT pg_advisory_lock(7310061, 0)");
            one.Execute();
            if (!PostgresRelease.IsUpToDate(connection))
            {
                // EF's usual strategy retries nothing either, but wraps a lost connection into an exception that does not say so.
                using var db = new PostgresTaskDb(new DbContextOptionsBuilder<PostgresTaskDb>().UseNpgsql(
                    connection, npgsql =>
                        npgsql.ExecutionStrategy(dependencies => new NonRetryingExecutionStrategy(dependencies))).Options);
                db.Database.Migrate();
            }

            RowSecurity.Apply(connection, Options.RowLevelSecurity);
        }

        DatabaseRequirements.CheckRole(connection, Options.ReaderConnections + Options.WriterConnections + OwnConnections);
    }

    private static InvalidOperationException NotOpen() => new("The store is not open yet.");
}
