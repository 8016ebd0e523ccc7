using System.ComponentModel.DataAnnotations;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Storage;

/// <summary>Where and how the store keeps its data; the configuration section <c>Storage</c>.</summary>
internal sealed class StorageOptions
{
    public const string Section = "Storage";

    public const string Sqlite = "Sqlite";
    public const string Postgres = "Postgres";

    /// <summary>
    /// How long a connection waits for another replica that is changing the same organization, before it goes on with other organizations.
    /// One connection then retries the commits of all waiting organizations, until <see cref="LockTimeout"/> has passed.
    /// </summary>
    public static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The kind of database: <c>Sqlite</c> is a file for one server, <c>Postgres</c> a database for any number of replicas. Default:
    /// Sqlite.
    /// </summary>
    [AllowedValues(Sqlite, Postgres, ErrorMessage = "Storage:Provider must be 'Sqlite' or 'Postgres'.")]
    public string Provider { get; set; } = Sqlite;

    /// <summary>
    /// The folder of the database file. The server makes it if it is missing. Default: <c>taskgrpc</c> in the user's application data.
    /// SQLite only.
    /// </summary>
    public string? DataDirectory { get; set; }

    /// <summary>
    /// The folder of the keys that encrypt signing secrets and seal page tokens. Default: <c>keys</c> beside the SQLite file, or a table
    /// of the PostgreSQL database. A folder that all replicas share keeps the keys out of the database's backups.
    /// </summary>
    public string? KeyDirectory { get; set; }

    /// <summary>How many connections may read at the same time. More reads wait. Default: 4; range 1 to 64.</summary>
    [SettingRange("Storage:ReaderConnections", 1, 64)]
    public int ReaderConnections { get; set; } = 4;

    /// <summary>
    /// How many connections may commit at the same time, each for another organization. Default: 4; range 1 to 64. PostgreSQL only: SQLite
    /// has one writer.
    /// </summary>
    [SettingRange("Storage:WriterConnections", 1, 64)]
    public int WriterConnections { get; set; } = 4;

    /// <summary>
    /// How long a commit may wait for another session that holds the same organization, such as a replica that commits for it. Then the
    /// call ends with <c>STORAGE_UNAVAILABLE</c>. Default: 5 seconds; range 100 ms to 1 minute. PostgreSQL only.
    /// </summary>
    [SettingRange("Storage:LockTimeout", "00:00:00.1", "00:01:00")]
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long one statement may take before the database cancels it. A COMMIT has no limit. Default: 15 seconds; range 1 second to 10
    /// minutes. PostgreSQL only.
    /// </summary>
    [SettingRange("Storage:StatementTimeout", "00:00:01", "00:10:00")]
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a replica may be silent in the middle of a transaction. Then the database ends its session and releases its locks.
    /// Default: 10 seconds; range 1 second to 10 minutes. PostgreSQL only.
    /// </summary>
    [SettingRange("Storage:IdleInTransactionTimeout", "00:00:01", "00:10:00")]
    public TimeSpan IdleInTransactionTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether the database itself keeps organizations apart too, by row-level security. Default: false. It costs each read a transaction.
    /// It must be the same on all replicas. PostgreSQL only.
    /// </summary>
    public bool RowLevelSecurity { get; set; }

    /// <summary>
    /// How many commands may wait for a commit on this server. The server refuses more with <c>OVERLOADED</c>. Default: 4,096; range 1 to
    /// 1,000,000.
    /// </summary>
    [SettingRange("Storage:CommandQueue", 1, 1_000_000)]
    public int CommandQueue { get; set; } = 4096;

    /// <summary>
    /// How many commands of one organization may wait, so that it cannot keep the others out. The server refuses more with
    /// <c>OVERLOADED</c>. Default: 1,024; range 1 to 1,000,000.
    /// </summary>
    [SettingRange("Storage:CommandQueuePerOrganization", 1, 1_000_000)]
    public int CommandQueuePerOrganization { get; set; } = 1024;

    /// <summary>
    /// How many bytes of requests may wait for a commit on this server. One organization may have a quarter of them. The server refuses
    /// more with <c>OVERLOADED</c>. Default: 64 MiB; range 4 MiB to 16 GiB.
    /// </summary>
    [SettingRange("Storage:CommandQueueBytes", 4L * 1024 * 1024, 16L * 1024 * 1024 * 1024)]
    public long CommandQueueBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The most commands that one commit takes. Default: 256; range 1 to 4,096.</summary>
    [SettingRange("Storage:CommitBatch", 1, 4096)]
    public int CommitBatch { get; set; } = 256;

    /// <summary>
    /// How long the server remembers a <c>request_id</c> and its answer. A retry that comes later is a new request. Default: 1 day; range
    /// 1 minute to 30 days.
    /// </summary>
    [SettingRange("Storage:RequestRetention", "00:01:00", "30.00:00:00")]
    public TimeSpan RequestRetention { get; set; } = TimeSpan.FromHours(24);
}
