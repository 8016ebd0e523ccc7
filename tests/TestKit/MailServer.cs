using System.Diagnostics;
using MimeKit;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>Debian's aiosmtpd in its own process, with a mailbox in a folder.</summary>
public sealed class MailServer : IAsyncDisposable
{
    /// <summary>The system's own interpreter: Debian installs python3-aiosmtpd for this one only.</summary>
    private const string Python = "/usr/bin/python3";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _mailbox = new();
    private readonly FileSystemWatcher _arrivals;
    private readonly Process _process;

    private MailServer(int port, string[] certificate)
    {
        Port = port;
        _arrivals = new FileSystemWatcher(_mailbox.Path) { Filter = "*.eml", EnableRaisingEvents = true };
        _process = Process.Start(
            new ProcessStartInfo(
                Python, [Path.Combine(AppContext.BaseDirectory, "mail_server.py"), $"{port}", _mailbox.Path, .. certificate])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
    }

    public int Port { get; }

    /// <param name="certificate">The files of a certificate and its key, for STARTTLS; null for a server without STARTTLS.</param>
    public static async Task<MailServer> StartAsync(params string[] certificate)
    {
        Assert.SkipUnless(await IsInstalledAsync(), "python3-aiosmtpd is not installed; .ci/run installs it.");
        var server = new MailServer(LoopbackPort.Free(), certificate);
        Assert.Equal("ready", await server._process.StandardOutput.ReadLineAsync().WaitAsync(Limit));
        return server;
    }

    /// <summary>Waits until the given number of mails has arrived, and returns them in order.</summary>
    public async Task<IReadOnlyList<MimeMessage>> UntilAsync(int count)
    {
        var enough = new TaskCompletionSource();
        void Look()
        {
            if (Files().Length >= count)
            {
                enough.TrySetResult();
            }
        }

        _arrivals.Renamed += (_, _) => Look();
        Look();
        await enough.Task.WaitAsync(Limit);
        return [.. Files().Select(file => MimeMessage.Load(file))];
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Limit);
        _process.Dispose();
        _arrivals.Dispose();
        _mailbox.Dispose();
    }

    private static async Task<bool> IsInstalledAsync()
    {
        if (!File.Exists(Python))
        {
            return false;
        }

        using var import = Process.Start(new ProcessStartInfo(Python, ["-c", "import aiosmtpd"]) { RedirectStandardError = true })!;
        await import.WaitForExitAsync().WaitAsync(Limit);
        return import.ExitCode == 0;
    }

    private string[] Files() => [.. Directory.GetFiles(_mailbox.Path, "*.eml").Order(StringComparer.Ordinal)];
}
