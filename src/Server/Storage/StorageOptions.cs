using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Server.Storage;

/// <summary>Where and how the store keeps its data; the configuration section <c>Storage</c>.</summary>
internal sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>The kind of database. Default: Sqlite, the only one in this release.</summary>
    [AllowedValues("Sqlite", ErrorMessage = "Storage:Provider must be 'Sqlite'.")]
    public string Provider { get; set; } = "Sqlite";

    /// <summary>The folder of the database file; made if missing. Default: <c>taskgrpc</c> in the user's application data.</summary>
    public string? DataDirectory { get; set; }

    /// <summary>How many connections read at the same time. Default: 4; range 1 to 64.</summary>
    [Range(1, 64, ErrorMessage = "Storage:ReaderConnections must be between 1 and 64.")]
    public int ReaderConnections { get; set; } = 4;

    /// <summary>How many commands may wait for the commit lane before more are refused as OVERLOADED. Default: 4,096; range 1 to 1,000,000.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Storage:CommandQueue must be between 1 and 1000000.")]
    public int CommandQueue { get; set; } = 4096;

    /// <summary>How many bytes of requests may wait for the commit lane before more are refused as OVERLOADED. Default: 64 MiB; range 4 MiB to 16 GiB.</summary>
    [Range(4L * 1024 * 1024, 16L * 1024 * 1024 * 1024, ErrorMessage = "Storage:CommandQueueBytes must be between 4194304 and 17179869184.")]
    public long CommandQueueBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How many commands one commit takes at most. Default: 256; range 1 to 4,096.</summary>
    [Range(1, 4096, ErrorMessage = "Storage:CommitBatch must be between 1 and 4096.")]
    public int CommitBatch { get; set; } = 256;

    /// <summary>How long a request_id is remembered. Default: 24 hours; range 1 minute to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00", ErrorMessage = "Storage:RequestRetention must be between 00:01:00 and 30.00:00:00.")]
    public TimeSpan RequestRetention { get; set; } = TimeSpan.FromHours(24);
}
