using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using SQLitePCL;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>The store in a file, held for this process alone.</summary>
internal sealed class SqliteStore(IOptions<StorageOptions> options, IConfiguration configuration, BodyReader bodies) : TaskStore(options)
{
    /// <summary>The last of Migrations/Sqlite.</summary>
    public const string NewestMigration = "20261125102853_Workspaces";

    private string? _connection;
    private SqliteFileLock? _lock;

    /// <summary>The file takes one writer at a time.</summary>
    public override int Writers => 1;

    public override bool IsShared => false;

    public override void Open()
    {
        SqliteConnections.RequireSoundLibrary();
        SqliteGatheredLog.Register();
        var connection = ConnectionString();
        _lock = SqliteFileLock.Take(connection.DataSource);
        _connection = connection.ConnectionString;
        // Asked first, because migrating writes even where there is nothing to migrate.
        if (!IsUpToDate(connection))
        {
            Migrate(_connection);
        }
    }

    public override StoreWriter OpenWriter()
    {
        var checkpoints = new SqliteCheckpoints(Connect(), new SqliteStandingRead(Connect));
        try
        {
            return new SqliteWriter(Connect(), checkpoints);
        }
        catch
        {
            checkpoints.Dispose();
            throw;
        }
    }

    public override void BuildModel()
    {
        using var db = new SqliteTaskDb(new DbContextOptionsBuilder<SqliteTaskDb>().UseSqlite().Options);
        _ = db.Model;
    }

    public override string LaneOf(string organizationId) => "";

    public override IXmlRepository KeyRepository(ILoggerFactory loggers) => new FileSystemXmlRepository(KeyFolder.Of(Options, Path.GetDirectoryName(FilePath())!), loggers);

    /// <summary>The database's file.</summary>
    public string FilePath() => Path.GetFullPath(ConnectionString().DataSource);

    public override void Dispose()
    {
        base.Dispose();
        _lock?.Dispose();
    }

    public override SqliteStoreConnection Connect() => new(_connection ?? throw new InvalidOperationException("The store is not open yet."));

    /// <summary>
    /// Whether the newest migration has been made, and with it all others. Asked without EF, which builds its model, a model of its history and
    /// a list of all our types first: a start would wait for them.
    /// </summary>
    private static bool IsUpToDate(SqliteConnectionStringBuilder settings)
    {
        if (!File.Exists(settings.DataSource))
        {
            return false;
        }

        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder(settings.ConnectionString) { Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        connection.Open();
        // The only connection until now: closing it would copy what a crash has left in the log.
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema WHERE name = '__EFMigrationsHistory'";
        if ((long)command.ExecuteScalar()! == 0)
        {
            return false;
        }

        command.CommandText = $"SELECT count(*) FROM __EFMigrationsHistory WHERE MigrationId = '{NewestMigration}'";
        return (long)command.ExecuteScalar()! == 1;
    }

    private void Migrate(string connection)
    {
        using var db = new SqliteTaskDb(new DbContextOptionsBuilder<SqliteTaskDb>().UseSqlite(connection).AddInterceptors(new SqliteConnections()).Options);
        ClearAbandonedMigrationLock(db);
        ((SqliteConnection)db.Database.GetDbConnection()).CreateFunction("agent_task_metadata", bodies.AgentTaskMetadata, isDeterministic: true);
        db.Database.Migrate();
    }

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
        connection.Vfs ??= SqliteGatheredLog.Name;
        return connection;
    }

    private string DataDirectory()
    {
        if (Options.DataDirectory is { Length: > 0 } chosen)
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
}
