using Microsoft.Extensions.Logging;

namespace TaskGrpc.Testing;

/// <summary>How a <see cref="TaskGrpcTestServer"/> runs. The server copies the options at its start.</summary>
public sealed class TaskGrpcTestServerOptions
{
    /// <summary>
    /// The server's settings, as docs/configuration.md lists them: <c>options.Settings["Limits:RequestBytes"] = "65536"</c>. They override
    /// the defaults of the test server. An unknown setting stops the start. The process's environment variables have no effect.
    /// </summary>
    public IDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether the server listens on a free loopback port, for callers that need an address. Default: false, calls stay in the process.
    /// </summary>
    public bool UseSocket { get; set; }

    /// <summary>
    /// The existing folder in which the server makes the folder of its data. Default: null, the system's folder for temporary files. On a
    /// RAM disk, for example <c>/dev/shm</c>, commits are faster.
    /// </summary>
    public string? TemporaryDirectory { get; set; }

    /// <summary>
    /// The server's clock. Default: null, a new <see cref="TestClock"/>, which runs and can be moved ahead. With a clock that stands still
    /// between two moves, such as FakeTimeProvider, every timeout and back-off of the server waits for the next move.
    /// </summary>
    public TimeProvider? TimeProvider { get; set; }

    /// <summary>Receives the server's log. The server does not dispose it. Default: null; then <see cref="Log"/> counts.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>
    /// Receives each line of the server's log, for example <c>output.WriteLine</c> of xunit. Several threads call it at once; the server
    /// ignores its exceptions. The setting <c>Logging:LogLevel:Default</c> chooses the lines. Default: null, the server logs nothing.
    /// </summary>
    public Action<string>? Log { get; set; }

    internal TaskGrpcTestServerOptions Copy()
    {
        var copy = new TaskGrpcTestServerOptions
        {
            UseSocket = UseSocket,
            TemporaryDirectory = TemporaryDirectory ?? Path.GetTempPath(),
            TimeProvider = TimeProvider ?? new TestClock(),
            LoggerFactory = LoggerFactory,
            Log = Log,
        };
        foreach (var (key, value) in Settings)
        {
            copy.Settings[key] = value;
        }

        return copy;
    }
}
