using Microsoft.Data.Sqlite;
using TaskGrpc.TestKit;

namespace TaskGrpc.Conformance.Tests.Upgrades;

/// <summary>A database as a killed build left it, with a record of what that build wrote. Opening it works on a copy.</summary>
/// <param name="folder">The folder of the database, its keys and the record.</param>
internal sealed class KeptStore(string folder)
{
    private const string File = "taskgrpc.db";
    private const string Keys = "keys";

    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "Upgrades", "Kept");

    /// <summary>A folder for each kept release.</summary>
    public static string[] Folders() => Directory.Exists(Root) ? Directory.GetDirectories(Root) : [];

    public WrittenStore Written { get; } = WrittenStore.Load(Path.Combine(folder, "written.json"));

    private string Sqlite => Path.Combine(folder, "store.sqlite");

    private string Dump => Path.Combine(folder, "store.sql");

    /// <summary>Lets a server of this build write a database, kills the server, and keeps the files.</summary>
    public static async Task WriteAsync(string folder, PostgresCluster? cluster)
    {
        Directory.CreateDirectory(folder);
        using var data = new TemporaryFolder();
        var database = cluster is null ? null : await cluster.NewDatabaseAsync();
        var settings =
            new Dictionary<string, string> { ["Delivery__AllowHttp"] = "true", ["Delivery__AllowedNetworks__0"] = "127.0.0.0/8" };
        foreach (var (key, value) in database is null ? [] : cluster!.Settings(database))
        {
            settings[key.Replace(":", "__", StringComparison.Ordinal)] = value!;
        }

        await using var receiver = await WebhookReceiver.StartAsync(StoreWriting.AnswerAsync, StoreWriting.Receiver);
        using var server = new ServerProcess(data.Path, settings: settings);
        await server.StartAsync();
        using (var client = server.Client(StoreWriting.Organization))
        {
            (await new StoreWriting(client).WriteAsync()).Save(Path.Combine(folder, "written.json"));
        }

        await server.KillAsync();
        var kept = new KeptStore(folder);
        if (database is not null)
        {
            await cluster!.DumpAsync(database, kept.Dump);
            return;
        }

        Fold(Path.Combine(data.Path, File));
        System.IO.File.Copy(Path.Combine(data.Path, File), kept.Sqlite);
        Copy(Path.Combine(data.Path, Keys), Path.Combine(folder, Keys));
    }

    /// <summary>Starts a server of this build on a copy, with the clock some time after the kill, ten minutes if not given.</summary>
    public async Task<TestServer> OpenAsync(string data, PostgresCluster? cluster, bool delivers = true, TimeSpan? after = null)
    {
        var settings = new Dictionary<string, string?> { ["Delivery:Enabled"] = delivers.ToString() };
        if (cluster is null)
        {
            System.IO.File.Copy(Sqlite, Path.Combine(data, File));
            Copy(Path.Combine(folder, Keys), Path.Combine(data, Keys));
        }
        else
        {
            foreach (var (key, value) in cluster.Settings(await cluster.RestoreAsync(Dump)))
            {
                settings[key] = value;
            }
        }

        return await TestServer.StartAsync(data, new ShiftedTime(Written.LeftAt + (after ?? TimeSpan.FromMinutes(10))), settings);
    }

    /// <summary>Moves the write-ahead log into the database, so that one file holds everything.</summary>
    private static void Fold(string file)
    {
        using var connection =
            new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            System.IO.File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    /// <summary>The system's clock, moved to another day, so that tokens, request ids and due deliveries are as they were then.</summary>
    private sealed class ShiftedTime(DateTimeOffset start) : TimeProvider
    {
        private readonly TimeSpan _shift = start - System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _shift;
    }
}
