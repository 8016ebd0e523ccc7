using System.Net.Sockets;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>The store on PostgreSQL, shared with any number of replicas.</summary>
internal sealed class PostgresStore(IOptions<StorageOptions> options, IConfiguration configuration, SeenHeads heads) : TaskStore(options)
{
    private NpgsqlDataSource? _source;
    private NpgsqlDataSource? _listeners;
    private NpgsqlDataSource? _writers;
    private DbContextOptions<PostgresTaskDb>? _context;
    private DbContextOptions<PostgresTaskDb>? _writerContext;

    public override int Writers => Options.WriterConnections;

    public override bool IsShared => true;

    public override void Open()
    {
        var text = configuration.GetConnectionString("Tasks");
        var settings = PostgresConnections.Of(text, Options);
        try
        {
            Migrate(PostgresConnections.ForMigration(text!, settings));
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException)
        {
            throw new RefusedToStartException($"The database named by ConnectionStrings:Tasks cannot be used ({exception.Message}). Start it, or mend the connection string or the role's rights.", exception);
        }

        _source = PostgresConnections.Source(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { CancellationTimeout = 2000 });
        _context = ContextOf(_source);
        // The database gives up first. If not even its answer comes, a writer's connection is broken off instead of asking for a cancellation: a
        // COMMIT that waits for its standby would take that for leave to go on without it, and say that all is well.
        _writers = PostgresConnections.Source(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { CancellationTimeout = -1 });
        _writerContext = ContextOf(_writers);
        _listeners = PostgresConnections.Source(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { KeepAlive = 5 });
        AddThreads();
    }

    public override void RequireExisting()
    {
        var text = configuration.GetConnectionString("Tasks");
        using var source = PostgresConnections.Source(PostgresConnections.ForMigration(text!, PostgresConnections.Of(text, Options)));
        using var command = source.CreateCommand("SELECT to_regclass('organizations') IS NOT NULL");
        if (command.ExecuteScalar() is not true)
        {
            throw new RefusedToStartException("The database that ConnectionStrings:Tasks names holds no tasks. Name the one to copy from.");
        }
    }

    public override StoreWriter OpenWriter() => new PostgresWriter(new PostgresTaskDb(_writerContext ?? throw NotOpen(), Options.RowLevelSecurity), heads);

    public override Guid? KnownEpoch(string organizationId) => heads.EpochOf(organizationId);

    public override string LaneOf(string organizationId) => organizationId;

    /// <summary>A connection of its own, beyond those of readers and writers.</summary>
    public NpgsqlConnection NewConnection() => (_source ?? throw NotOpen()).CreateConnection();

    /// <summary>A connection on which nothing is asked for long, and which must notice all the same that its other end has gone.</summary>
    public NpgsqlConnection NewListener() => (_listeners ?? throw NotOpen()).CreateConnection();


    public override IXmlRepository KeyRepository(ILoggerFactory loggers)
    {
        if (Options.KeyDirectory is { Length: > 0 })
        {
            return new KeyFiles(KeyFolder.Of(Options, ""));
        }

        var services = new ServiceCollection().AddScoped(_ => NewContext()).BuildServiceProvider();
        return new EntityFrameworkCoreXmlRepository<PostgresTaskDb>(services, loggers);
    }

    public override void CheckKeys()
    {
        if (Options.KeyDirectory is { Length: > 0 })
        {
            KeyFolder.Check(KeyFolder.Of(Options, ""));
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _source?.Dispose();
        _writers?.Dispose();
        _listeners?.Dispose();
    }

    public override PostgresStoreConnection Connect() => new(NewContext());

    private PostgresTaskDb NewContext() => new(_context ?? throw NotOpen(), Options.RowLevelSecurity);

    /// <summary>A reader holds the thread that rented it until the database answers; the pool would add one for it only after a while.</summary>
    private void AddThreads()
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + Options.ReaderConnections), ports);
    }

    /// <summary>Without the timeouts of the service: a migration takes what it takes. One replica migrates at a time, and its lock goes with its connection.</summary>
    private void Migrate(NpgsqlConnectionStringBuilder settings)
    {
        using var source = PostgresConnections.Source(settings);
        using var db = new PostgresTaskDb(ContextOf(source));
        // EF's own lock is on a table, which replicas that start together on an empty database would all make at once.
        using var one = new Query(db.Connection, "SELECT pg_advisory_lock(7310061, 0)");
        one.Execute();
        if (db.Database.GetPendingMigrations().Any())
        {
            db.Database.Migrate();
        }

        RowSecurity.Apply(db, Options.RowLevelSecurity);
        using var durability = new Query(db.Connection, "SHOW synchronous_commit");
        if (durability.Scalar() is "off")
        {
            throw new RefusedToStartException("synchronous_commit is off for this role or database, so that an answer would not mean that a change is on disk. Set it to on, or remote_apply.");
        }
    }

    /// <summary>The provider's own strategy retries nothing either, but wraps a lost connection into an exception that tells nothing of it.</summary>
    private static DbContextOptions<PostgresTaskDb> ContextOf(NpgsqlDataSource source) =>
        new DbContextOptionsBuilder<PostgresTaskDb>().UseNpgsql(source, npgsql => npgsql.ExecutionStrategy(dependencies => new NonRetryingExecutionStrategy(dependencies))).Options;

    private static InvalidOperationException NotOpen() => new("The store is not open yet.");
}
