using TaskGrpc.Server.Storage.Schema;
using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>A PostgreSQL cluster of its own in a temporary folder, made and run with the machine's binaries.</summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    public const string Missing = "PostgreSQL's server programs are not on this machine (Debian: apt-get install postgresql); .ci/run installs them.";

    private const string Template = "tasks_template";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _gate = new(1);
    private readonly string[] _settings;
    private readonly string? _data;
    private bool _hasTemplate;
    private int _databases;

    private PostgresCluster(string[] settings, string? data = null) => (_settings, _data) = (settings, data);

    /// <summary>Where Debian and others put the programs; null if they are nowhere.</summary>
    private static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).OrderDescending(StringComparer.Ordinal).FirstOrDefault()
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")));

    public static bool IsInstalled => Programs is not null;

    public int Port { get; private set; } = LoopbackPort.Free();

    /// <summary>The folder of the cluster's data.</summary>
    public string Data => Path.Combine(_data ?? _folder.Path, "data");

    /// <summary>The file of the cluster's own log.</summary>
    public string Log => Path.Combine(_folder.Path, "log");

    /// <summary>The folder of the cluster's Unix socket.</summary>
    public string Sockets => _folder.Path;

    /// <summary>What comes before a command that must not run as root, or nothing: Debian's package comes with a user of its own.</summary>
    internal static string[] AsItsUser => Environment.UserName == "root" ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] : [];

    /// <summary>Makes and starts a cluster. What it says is durable survives the death of its processes; of the machine, only with fsync.</summary>
    public static Task<PostgresCluster> StartAsync(params string[] settings) => StartOnAsync(null, null, settings);

    /// <summary>The same with its data or its log elsewhere.</summary>
    /// <param name="data">The folder for the folder of its data; null for one of its own.</param>
    /// <param name="log">The folder for the folder of its log; null for beside the data.</param>
    /// <param name="settings">Settings of the cluster.</param>
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
        await RunAsync("initdb", [.. place, "-D", cluster.Data, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"]);
        await cluster.ResumeAsync();
        await cluster.ExecuteAsync("CREATE ROLE taskgrpc LOGIN");
        return cluster;
    }

    /// <summary>Makes and starts a standby that streams from this cluster.</summary>
    /// <param name="name">What it calls itself to its primary.</param>
    public async Task<PostgresCluster> StandbyAsync(string name)
    {
        var standby = new PostgresCluster(_settings);
        standby.OwnFolder();
        await RunAsync("pg_basebackup", "-D", standby.Data, "-R", "-X", "stream", "--no-sync", "-c", "fast", "-d", $"host=127.0.0.1 port={Port} user=postgres application_name={name}");
        await standby.ResumeAsync();
        return standby;
    }

    /// <summary>Starts the cluster, also after <see cref="CrashAsync"/>.</summary>
    public async Task ResumeAsync()
    {
        string[] settings = ["listen_addresses=127.0.0.1", $"unix_socket_directories={_folder.Path}", "max_connections=400", "fsync=off", "full_page_writes=off", "max_wal_size=4GB", .. _settings];
        var options = string.Join(' ', settings.Select(setting => $"-c {setting}"));
        await RunAsync("pg_ctl", "-D", Data, "-w", "-t", "60", "-l", Log, "-o", $"-p {Port.ToString(CultureInfo.InvariantCulture)} {options}", "start");
    }

    /// <summary>Ends every process of the cluster at once, as a crash would.</summary>
    public Task CrashAsync() => RunAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");

    /// <summary>Waits until the cluster has ended by itself.</summary>
    public async Task UntilEndedAsync()
    {
        using var late = new CancellationTokenSource(Limit);
        while (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            Assert.False(late.IsCancellationRequested, "The cluster has not ended.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public Task PromoteAsync() => RunAsync("pg_ctl", "-D", Data, "-w", "promote");

    /// <summary>A new database with the schema in it.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (!_hasTemplate)
            {
                await ExecuteAsync($"CREATE DATABASE {Template} OWNER taskgrpc");
                await using var db = new PostgresTaskDb(new DbContextOptionsBuilder<PostgresTaskDb>().UseNpgsql(ConnectionString(Template)).Options);
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

    /// <summary>Writes a database as statements that <see cref="RestoreAsync"/> runs.</summary>
    public Task DumpAsync(string database, string file) =>
        AskAsync("pg_dump", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "postgres", "--no-owner", "--no-privileges", "-f", file, database);

    /// <summary>A new database with what <see cref="DumpAsync"/> wrote, owned by the role of the servers.</summary>
    public async Task<string> RestoreAsync(string file)
    {
        var name = $"restored_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name} OWNER taskgrpc");
        await AskAsync("psql", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "taskgrpc", "-v", "ON_ERROR_STOP=1", "-q", "-f", file, name);
        return name;
    }

    /// <summary>The settings of a server on a database of this cluster.</summary>
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

    /// <summary>Lets a role in with its password only.</summary>
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
        var connection = new NpgsqlConnection(ConnectionString(database, user: "postgres"));
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

    /// <summary>Runs a program that is a client, and so needs no user of its own.</summary>
    private static Task AskAsync(string program, params string[] arguments) => RunAsync([], program, arguments);

    private static async Task RunAsync(string[] asUser, string program, string[] arguments)
    {
        string[] command = [.. asUser, Path.Combine(Programs!, program), .. arguments];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        // What the server inherits of these pipes stays open; its own log has the rest.
        var error = program == "pg_ctl" ? Task.FromResult("") : process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Limit);
        Assert.True(process.ExitCode == 0, $"{program} failed with {process.ExitCode}: {await error}");
    }

    /// <summary>Gives a folder to that user.</summary>
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
