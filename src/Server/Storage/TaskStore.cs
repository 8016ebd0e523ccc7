using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Storage.Sqlite;

namespace TaskGrpc.Server.Storage;

/// <summary>The database: opened and migrated once at start, held for this process, and lent out as readers and one writer.</summary>
internal sealed class TaskStore(IOptions<StorageOptions> options, IConfiguration configuration, BodyReader bodies) : IDisposable
{
    private readonly ConcurrentBag<StoreReader> _idle = [];
    private readonly SemaphoreSlim _readers = new(options.Value.ReaderConnections);
    private DbContextOptions<SqliteTaskDb>? _context;
    private SqliteFileLock? _lock;

    /// <summary>Opens the database, and brings its schema up to date under the file lock.</summary>
    /// <exception cref="RefusedToStartException">It cannot be served; the message says what to change.</exception>
    public void Open()
    {
        SqliteConnections.RequireSoundLibrary();
        var connection = ConnectionString();
        _lock = SqliteFileLock.Take(connection.DataSource);
        _context = new DbContextOptionsBuilder<SqliteTaskDb>()
            .UseSqlite(connection.ConnectionString)
            .AddInterceptors(new SqliteConnections())
            .Options;

        using var db = NewContext();
        // Asked first, because migrating writes even where there is nothing to migrate.
        if (db.Database.GetPendingMigrations().Any())
        {
            ClearAbandonedMigrationLock(db);
            ((SqliteConnection)db.Database.GetDbConnection()).CreateFunction("agent_task_metadata", bodies.AgentTaskMetadata, isDeterministic: true);
            db.Database.Migrate();
        }
    }

    /// <summary>The folder of the keys that encrypt what is secret in the database: beside it, and nobody else's.</summary>
    public DirectoryInfo KeyDirectory()
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(ConnectionString().DataSource))!, "keys");
        return OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public StoreWriter OpenWriter() => new(NewContext());

    /// <summary>Lends a reader that sees one organization; waits while all of them are out.</summary>
    public async ValueTask<Lease> RentAsync(string organizationId, CancellationToken cancellationToken)
    {
        await _readers.WaitAsync(cancellationToken);
        try
        {
            var reader = _idle.TryTake(out var idle) ? idle : new StoreReader(NewContext());
            reader.BindTo(organizationId);
            return new Lease(this, reader);
        }
        catch
        {
            _readers.Release();
            throw;
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }

        _lock?.Dispose();
        _readers.Dispose();
    }

    private SqliteTaskDb NewContext() => new(_context ?? throw new InvalidOperationException("The store is not open yet."));

    private SqliteConnectionStringBuilder ConnectionString()
    {
        var connection = new SqliteConnectionStringBuilder(configuration.GetConnectionString("Tasks"));
        if (connection.DataSource.Length == 0)
        {
            connection.DataSource = Path.Combine(DataDirectory(), "taskgrpc.db");
        }
        else if (connection.Mode == SqliteOpenMode.Memory || connection.DataSource == ":memory:")
        {
            throw new RefusedToStartException("ConnectionStrings:Tasks names a database in memory, which would lose every task with the process. Name a file.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(connection.DataSource))!);
        return connection;
    }

    private string DataDirectory()
    {
        if (options.Value.DataDirectory is { Length: > 0 } chosen)
        {
            return chosen;
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return home.Length > 0
            ? Path.Combine(home, "taskgrpc")
            : throw new RefusedToStartException("This user has no folder for application data (HOME is not set). Set Storage:DataDirectory to the folder that is to hold the database.");
    }

    /// <summary>A migrator that was killed leaves EF's lock row behind; under our own file lock nobody else can be migrating.</summary>
    private static void ClearAbandonedMigrationLock(SqliteTaskDb db) => db.Database.ExecuteSqlRaw("DROP TABLE IF EXISTS __EFMigrationsLock");

    private void Return(StoreReader reader)
    {
        if (reader.IsSound)
        {
            _idle.Add(reader);
        }
        else
        {
            reader.Dispose();
        }

        _readers.Release();
    }

    /// <summary>A reader on loan; disposing gives it back.</summary>
    internal readonly struct Lease(TaskStore store, StoreReader reader) : IDisposable
    {
        public StoreReader Reader { get; } = reader;

        public void Dispose() => store.Return(Reader);
    }
}
