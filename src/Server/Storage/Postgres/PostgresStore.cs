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
    private DbContextOptions<PostgresTaskDb>? _context;

    public override int Writers => Options.WriterConnections;

    public override bool IsShared => true;

    public override void Open()
    {
        var settings = PostgresConnections.Of(configuration.GetConnectionString("Tasks"), Options);
        try
        {
            Migrate(settings);
        }
        catch (NpgsqlException exception)
        {
            throw new RefusedToStartException($"The database named by ConnectionStrings:Tasks cannot be used ({exception.Message}). Start it, or mend the connection string or the role's rights.", exception);
        }

        _source = PostgresConnections.Source(settings);
        _listeners = PostgresConnections.Source(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { KeepAlive = 5 });
        _context = ContextOf(_source);
    }

    public override StoreWriter OpenWriter() => new PostgresWriter(NewContext(), heads);

    public override string LaneOf(string organizationId) => organizationId;

    /// <summary>A connection of its own, beyond those of readers and writers.</summary>
    public NpgsqlConnection NewConnection() => (_source ?? throw NotOpen()).CreateConnection();

    /// <summary>A connection on which nothing is asked for long, and which must notice all the same that its other end has gone.</summary>
    public NpgsqlConnection NewListener() => (_listeners ?? throw NotOpen()).CreateConnection();


    public override IXmlRepository KeyRepository(ILoggerFactory loggers)
    {
        if (Options.KeyDirectory is { Length: > 0 })
        {
            return new FileSystemXmlRepository(KeyFolder.Of(Options, ""), loggers);
        }

        var services = new ServiceCollection().AddScoped(_ => NewContext()).BuildServiceProvider();
        return new EntityFrameworkCoreXmlRepository<PostgresTaskDb>(services, loggers);
    }

    public override void Dispose()
    {
        base.Dispose();
        _source?.Dispose();
        _listeners?.Dispose();
    }

    public override PostgresTaskDb NewContext() => new(_context ?? throw NotOpen(), Options.RowLevelSecurity);

    /// <summary>Without the timeouts of the service: a migration takes what it takes. EF lets one replica migrate at a time.</summary>
    private void Migrate(NpgsqlConnectionStringBuilder settings)
    {
        using var source = PostgresConnections.Source(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Options = null, CommandTimeout = 0 });
        using var db = new PostgresTaskDb(ContextOf(source));
        if (db.Database.GetPendingMigrations().Any())
        {
            db.Database.Migrate();
        }

        RowSecurity.Apply(db, Options.RowLevelSecurity);
    }

    /// <summary>The provider's own strategy retries nothing either, but wraps a lost connection into an exception that tells nothing of it.</summary>
    private static DbContextOptions<PostgresTaskDb> ContextOf(NpgsqlDataSource source) =>
        new DbContextOptionsBuilder<PostgresTaskDb>().UseNpgsql(source, npgsql => npgsql.ExecutionStrategy(dependencies => new NonRetryingExecutionStrategy(dependencies))).Options;

    private static InvalidOperationException NotOpen() => new("The store is not open yet.");
}
