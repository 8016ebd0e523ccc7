using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using SQLitePCL;
using TaskGrpc.Server.Storage.Keys;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sql;
using TaskGrpc.Server.Storage.Sqlite.Files;
using TaskGrpc.Server.Storage.Sqlite.Log;

namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>The store in an SQLite file, locked for this process alone.</summary>
internal class SqliteStore(IOptions<StorageOptions> options, IConfiguration configuration, BodyReader bodies) : TaskStore(options)
{
    /// <summary>The first of Migrations/Sqlite.</summary>
    public const string FirstMigration = "20261122202954_Initial";

    private string? _connection;
    private SqliteFileLock? _lock;

    /// <summary>The file takes one writer at a time.</summary>
    public override int Writers => 1;

    public override void Open()
    {
        // Before anything uses SQLite.
        SqlitePageCache.Register();
        SqliteConnections.RequireSoundLibrary();
        SqliteGatheredLog.Register();
        var connection = ConnectionString();
        var path = FilePath();
        MakeFolder(Path.GetDirectoryName(path)!);
        _lock = SqliteFileLock.Take(path);
        SqliteFiles.Prepare(path);
        _connection = connection.ConnectionString;
        try
        {
            // Checked first, because EF's migration writes even if there is nothing to migrate.
            if (!IsUpToDate(connection))
            {
                Migrate(_connection);
            }
        }
        catch (SqliteException failure)
        {
            throw SqliteFiles.Unusable(path, failure);
        }
    }

    public override void RequireExisting()
    {
        if (!File.Exists(FilePath()))
        {
            throw new RefusedToStartException($"There is no database at {FilePath()}. Name its folder with --Storage:DataDirectory=…");
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

    public override RefusedToStartException Unusable(Exception exception) => new(
        $"The database was opened, but the server cannot commit to it ({exception.Message}). "
        + "Check that it is not damaged, that the server's user may write to it, and that its volume has room.",
        exception);

    public override string LaneOf(string organizationId) => "";

    public override IXmlRepository KeyRepository() => new KeyFiles(KeysPath());

    public override void CheckKeys() => KeyFolder.Check(KeysPath());

    public override string? OpenToOthers() => OwnFiles.IsOpenToOthers(FilePath()) ? FilePath() : null;

    public string FilePath() => Path.GetFullPath(ConnectionString().DataSource);

    public string KeysPath() => KeyFolder.Of(Options, Path.GetDirectoryName(FilePath())!);

    public override void Dispose()
    {
        base.Dispose();
        _lock?.Dispose();
    }

    public override SqliteStoreConnection Connect() =>
        new(_connection ?? throw new InvalidOperationException("The store is not open yet."));

    /// <summary>
    /// Whether the newest migration, and so every migration, has been applied. EF would first build its model, a model of its history and
    /// a list of all our types, and a start would wait for that.
    /// </summary>
    private static bool IsUpToDate(SqliteConnectionStringBuilder settings)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder(
                settings.ConnectionString)
            { Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        connection.Open();
        // This is the only connection so far. Closing it would checkpoint the WAL that a crash has left.
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
        return SqliteRelease.IsUpToDate(connection, settings.DataSource);
    }

    private void Migrate(string connection)
    {
        using var open = SqliteConnections.Open(connection);
        // A migrator that was killed leaves EF's lock row behind; this process has the file lock, so no other one migrates.
        using (var clear = new Query(open, "DROP TABLE IF EXISTS __EFMigrationsLock"))
        {
            clear.Execute();
        }

        open.CreateFunction("agent_task_metadata", bodies.AgentTaskMetadata, isDeterministic: true);
        using var db = new SqliteTaskDb(new DbContextOptionsBuilder<SqliteTaskDb>().UseSqlite(open).Options);
        db.Database.Migrate();
    }

    private static void MakeFolder(string path)
    {
        try
        {
            OwnFiles.Folder(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new RefusedToStartException(
                $"The folder {path} of the database cannot be created ({failure.Message}). "
                + "Set Storage:DataDirectory to a folder that the server's user may write to.",
                failure);
        }
    }

    private SqliteConnectionStringBuilder ConnectionString()
    {
        var connection = ReadConnectionString();
        if (connection.DataSource.Length == 0)
        {
            connection.DataSource = Path.Combine(DataDirectory(), "taskgrpc.db");
        }
        else if (connection.Mode == SqliteOpenMode.Memory || connection.DataSource == ":memory:")
        {
            throw new RefusedToStartException(
                "ConnectionStrings:Tasks names a database in memory, which loses every task when the process ends. Name a file.");
        }
        else if (connection.DataSource.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            throw new RefusedToStartException(
                "ConnectionStrings:Tasks names the database by a URI. Name it by its path: Data Source=/srv/tasks/taskgrpc.db.");
        }

        connection.Vfs ??= SqliteGatheredLog.Name;
        return connection;
    }

    private SqliteConnectionStringBuilder ReadConnectionString()
    {
        try
        {
            return new SqliteConnectionStringBuilder(configuration.GetConnectionString("Tasks"));
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException)
        {
            // The exception quotes the text, which may contain a password.
            throw new RefusedToStartException(
                "ConnectionStrings:Tasks cannot be read as an SQLite connection string. Write it like Data Source=/srv/tasks/taskgrpc.db, "
                + "or set Storage:Provider to Postgres if it names a PostgreSQL database.",
                failure);
        }
    }

    private string DataDirectory()
    {
        if (Options.DataDirectory is { Length: > 0 } chosen)
        {
            return chosen;
        }

        // DoNotVerify: the folder need not exist yet, and this call must not create it.
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        var folder = Path.Combine(home, "taskgrpc");
        // Without HOME, .NET takes the home folder from /etc/passwd, which is rarely right for a service. The server uses that folder only
        // if it already exists.
        return HasHome() || Directory.Exists(folder)
            ? folder
            : throw new RefusedToStartException(
                "This user has no folder for application data (HOME is not set). Set Storage:DataDirectory to the folder that is to hold "
                + "the database.");
    }

    private static bool HasHome() =>
        OperatingSystem.IsWindows()
        || Environment.GetEnvironmentVariable("HOME") is { Length: > 0 }
        || Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 };
}
