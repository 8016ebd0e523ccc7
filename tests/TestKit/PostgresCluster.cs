using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TaskGrpc.Server.Storage.Schema;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>A PostgreSQL cluster in a temporary folder, created and run with the machine's binaries.</summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    public const string Missing =
        "PostgreSQL's server programs are not on this machine (Debian: apt-get install postgresql); .ci/run installs them.";

    private const string Template = "tasks_template";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _gate = new(1);
    private readonly string[] _settings;
    private readonly string? _data;
    private bool _hasTemplate;
    private int _databases;

    private PostgresCluster(string[] settings, string? data = null) => (_settings, _data) = (settings, data);

    /// <summary>The folder of PostgreSQL's programs, as Debian and others install them; null if not found.</summary>
    private static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb"))).OrderDescending(StringComparer.Ordinal).FirstOrDefault()
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")));

    public static bool IsInstalled => Programs is not null;

    public int Port { get; private set; } = LoopbackPort.Free();

    public string Data => Path.Combine(_data ?? _folder.Path, "data");

    /// <summary>The file of the cluster's own log.</summary>
    public string Log => Path.Combine(_folder.Path, "log");

    public string Sockets => _folder.Path;

    /// <summary>The prefix of a command that must not run as root, or nothing. Debian's package brings its own user.</summary>
    internal static string[] AsItsUser =>
        Environment.UserName == "root" ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] : [];

    /// <summary>Creates and starts a cluster. Its commits survive a crash of its processes; one of the machine only with fsync.</summary>
    public static Task<PostgresCluster> StartAsync(params string[] settings) => StartOnAsync(null, null, settings);

    /// <summary>The same, with the folder of its data or its log in another place.</summary>
    /// <param name="data">The parent folder of its data; null for a folder of the cluster's own.</param>
    /// <param name="log">The parent folder of its log; null for the folder beside the data.</param>
    /// <param name="settings">The settings.</param>
    public static async Task<PostgresCluster> StartOnAsync(string? data, string? log, params string[] settings)
    {
        Assert.SkipUnless(IsInstalled, Missing);
        var cluster = new PostgresCluster(settings, data);
        cluster.OwnFolder();
        if (log is not null)
        {
            Own(log);
        }

        string[] place = log is null ? [] : ["-X", Path.Combine(log, "wal")];
        await RunAsync(
            "initdb", [.. place, "-D", cluster.Data, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"]);
        await cluster.ResumeAsync();
        await cluster.ExecuteAsync("CREATE ROLE taskgrpc LOGIN");
        return cluster;
    }

    /// <summary>Creates and starts a standby that streams from this cluster.</summary>
    /// <param name="name">The standby's name at its primary.</param>
    public async Task<PostgresCluster> StandbyAsync(string name)
    {
        var standby = new PostgresCluster(_settings);
        standby.OwnFolder();
        await RunAsync("pg_basebackup", "-D", standby.Data, "-R", "-X", "stream", "--no-sync", "-c", "fast", "-d",
            $"host=127.0.0.1 port={Port} user=postgres application_name={name}");
        await standby.ResumeAsync();
        return standby;
    }

    /// <summary>Starts the cluster, also after <see cref="CrashAsync"/>.</summary>
    public async Task ResumeAsync()
    {
        string[] settings = ["listen_addresses=127.0.0.1", $"unix_socket_directories={_folder.Path}", "max_connections=400", "fsync=off",
            "full_page_writes=off", "max_wal_size=4GB", .. _settings];
        var options = string.Join(' ', settings.Select(setting => $"-c {setting}"));
        await RunAsync("pg_ctl", "-D", Data, "-w", "-t", "100", "-l", Log, "-o",
            $"-p {Port.ToString(CultureInfo.InvariantCulture)} {options}", "start");
    }

    /// <summary>Kills every process of the cluster at once, as a crash does.</summary>
    public Task CrashAsync() => RunAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");

    /// <summary>Waits until the cluster has exited by itself.</summary>
    public async Task UntilEndedAsync()
    {
        using var late = new CancellationTokenSource(Limit);
        while (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            Assert.False(late.IsCancellationRequested, "The cluster is still running.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public Task PromoteAsync() => RunAsync("pg_ctl", "-D", Data, "-w", "promote");

    /// <summary>Creates and starts a standby that must have each commit before the commit is acknowledged.</summary>
    public async Task<PostgresCluster> SynchronousStandbyAsync()
    {
        var standby = await StandbyAsync("standby");
        await ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        await ExecuteAsync("SELECT pg_reload_conf()");
        await UntilAsync("SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state = 'sync'");
        return standby;
    }

    /// <summary>Promotes a synchronous standby, which then waits for no standby of its own.</summary>
    public async Task TakeOverAsync()
    {
        await ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
        await PromoteAsync();
        await ExecuteAsync("SELECT pg_reload_conf()");
    }

    /// <summary>Waits until the answer to a question is true.</summary>
    public async Task UntilAsync(string question)
    {
        using var late = new CancellationTokenSource(Limit);
        while (await ExecuteAsync(question) is not true)
        {
            Assert.False(late.IsCancellationRequested, question);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Creates a database with the schema.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (!_hasTemplate)
            {
                await ExecuteAsync($"CREATE DATABASE {Template} OWNER taskgrpc");
                await using var db =
                    new PostgresTaskDb(new DbContextOptionsBuilder<PostgresTaskDb>().UseNpgsql(ConnectionString(Template)).Options);
                await db.Database.MigrateAsync();
                _hasTemplate = true;
            }

            var name = $"tasks_{Interlocked.Increment(ref _databases)}";
            await ExecuteAsync($"CREATE DATABASE {name} OWNER taskgrpc TEMPLATE {Template}");
            return name;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Dumps a database as statements that <see cref="RestoreAsync"/> runs.</summary>
    public Task DumpAsync(string database, string file) =>
        AskAsync("pg_dump", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "postgres", "--no-owner", "--no-privileges", "-f", file, database);

    /// <summary>Creates a database from what <see cref="DumpAsync"/> wrote; the servers' role owns it.</summary>
    public async Task<string> RestoreAsync(string file)
    {
        var name = $"restored_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name} OWNER taskgrpc");
        await AskAsync("psql", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "taskgrpc", "-v", "ON_ERROR_STOP=1", "-q", "-f", file, name);
        return name;
    }

    /// <summary>The settings for a server on a database of this cluster.</summary>
    public Dictionary<string, string?> Settings(string database, int? port = null) => new()
    {
        ["Storage:Provider"] = "Postgres",
        ["ConnectionStrings:Tasks"] = ConnectionString(database, port),
    };

    public string ConnectionString(string database, int? port = null, string user = "taskgrpc") =>
        $"Host=127.0.0.1;Port={port ?? Port};Database={database};Username={user};Pooling=false";

    /// <summary>Runs a statement as the superuser, and returns its first value.</summary>
    public async Task<object?> ExecuteAsync(string sql, string database = "postgres")
    {
        await using var connection = await OpenAsync(database);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Makes a role log in with its password only.</summary>
    public async Task RequirePasswordAsync(string role)
    {
        var rules = Path.Combine(Data, "pg_hba.conf");
        await File.WriteAllTextAsync(rules, $"host all {role} all scram-sha-256\n{await File.ReadAllTextAsync(rules)}");
        await ExecuteAsync("SELECT pg_reload_conf()");
        while (await ExecuteAsync($"SELECT count(*) FROM pg_hba_file_rules WHERE user_name = '{{{role}}}'") is 0L)
        {
            await Task.Yield();
        }
    }

    /// <summary>A connection of the superuser.</summary>
    public async Task<NpgsqlConnection> OpenAsync(string database = "postgres")
    {
        // A busy machine may need long to accept a connection, or to copy a database.
        var patient = $"{ConnectionString(database, user: "postgres")};Timeout={Limit.TotalSeconds};Command Timeout={Limit.TotalSeconds}";
        var connection = new NpgsqlConnection(patient);
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            await CrashAsync();
        }

        _folder.Dispose();
        _gate.Dispose();
    }

    private static Task RunAsync(string program, params string[] arguments) => RunAsync(AsItsUser, program, arguments);

    /// <summary>Runs a client program, which may run as root.</summary>
    private static Task AskAsync(string program, params string[] arguments) => RunAsync([], program, arguments);

    private static async Task RunAsync(string[] asUser, string program, string[] arguments)
    {
        string[] command = [.. asUser, Path.Combine(Programs!, program), .. arguments];
        using var process = Process.Start(
            new ProcessStartInfo(
                command[0], command[1..])
            { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        // The server inherits these pipes and keeps them open; its own log has the rest of the output.
        var error = program == "pg_ctl" ? Task.FromResult("") : process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Limit);
        Assert.True(process.ExitCode == 0, $"{program} failed with {process.ExitCode}: {await error}");
    }

    /// <summary>Makes PostgreSQL's user the owner of a folder.</summary>
    internal static void Own(string folder)
    {
        if (AsItsUser.Length > 0)
        {
            using var chown = Process.Start("chown", ["postgres", folder]);
            chown.WaitForExit();
        }
    }

    private void OwnFolder() => Own(_folder.Path);
}
