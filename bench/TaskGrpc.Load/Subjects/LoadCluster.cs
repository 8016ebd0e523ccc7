using System.Diagnostics;
using System.Globalization;

namespace TaskGrpc.Load.Subjects;

/// <summary>A PostgreSQL cluster with its default fsync and synchronous_commit; Debian: apt-get install postgresql.</summary>
internal sealed class LoadCluster : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taskgrpc-load-postgres-");
    private readonly int _port = LoopbackPort.Free();

    /// <summary>The folder of Debian's programs.</summary>
    private static string Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin"
        : throw new MissingBaselineException("PostgreSQL", "postgresql");

    private string Data => Path.Combine(_folder.FullName, "data");

    /// <summary>The CPU time of its processes so far, those that have ended included.</summary>
    public TimeSpan Cpu => ProcessFamily.Cpu(
        int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture));

    public static async Task<LoadCluster> StartAsync()
    {
        var cluster = new LoadCluster();
        if (Environment.UserName == "root")
        {
            using var chown = Process.Start("chown", ["postgres", cluster._folder.FullName]);
            await chown.WaitForExitAsync();
        }

        await RunAsync("initdb", "-D", cluster.Data, "-U", "postgres", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8");
        var settings =
            $"-p {cluster._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={cluster._folder.FullName} -c "
            + "max_connections=300 -c shared_buffers=512MB -c max_wal_size=8GB";
        await RunAsync("pg_ctl", "-D", cluster.Data, "-w", "-l", Path.Combine(cluster._folder.FullName, "log"), "-o", settings, "start");
        return cluster;
    }

    public async Task<string> NewDatabaseAsync(string name)
    {
        await SqlAsync("postgres", $"CREATE DATABASE {name}");
        return $"Host=127.0.0.1;Port={_port.ToString(CultureInfo.InvariantCulture)};Database={name};Username=postgres";
    }

    /// <summary>Creates a database with the server's schema and the given number of organizations.</summary>
    public async Task<string> NewTasksDatabaseAsync(string name, int organizations)
    {
        var connection = await NewDatabaseAsync(name);
        (await LoadServer.StartAsync(null, ("Storage:Provider", "Postgres"), ("ConnectionStrings:Tasks", connection))).Dispose();
        await SqlAsync(name,
            "INSERT INTO organizations (id, revision, compacted_revision, epoch) SELECT 'organization-' || n, 0, 0, gen_random_uuid() "
            + $"FROM generate_series(0, {organizations}) AS n");
        return connection;
    }

    public Task SqlAsync(string database, string sql) =>
        RunAsync("psql", "-q", "-h", "127.0.0.1", "-p", $"{_port}", "-U", "postgres", "-d", database, "-c", sql);

    /// <summary>Returns a script's transactions per second by pgbench, which prints no rate if no transaction ended in time.</summary>
    public async Task<double> BenchAsync(string database, string script, int clients, int organizations, int seconds)
    {
        var file = Path.Combine(_folder.FullName, "script.sql");
        await File.WriteAllTextAsync(file, script);
        var report = await RunAsync("pgbench", "-n", "-M", "prepared", "-c", $"{clients}", "-j", "2", "-T", $"{seconds}", "-D",
            $"organizations={organizations}", "-f", file, "-h", "127.0.0.1", "-p", $"{_port}", "-U", "postgres", database);
        const string said = "tps = ";
        var at = report.IndexOf(said, StringComparison.Ordinal);
        return at < 0 ? 0 : double.Parse(report[(at + said.Length)..].Split(' ')[0], CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        RunAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop").GetAwaiter().GetResult();
        _folder.Delete(recursive: true);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        string[] command = [.. Environment.UserName == "root"
            ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] : Array.Empty<string>(),
            Path.Combine(Programs, program), .. arguments];
        // pg_ctl's child inherits these pipes and would keep them open.
        var reads = program != "pg_ctl";
        using var process = Process.Start(
            new ProcessStartInfo(
                command[0], command[1..])
            { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var (output, error) = reads
            ? (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync())
            : (Task.FromResult(""), Task.FromResult(""));
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} failed: {await error}");
    }
}
