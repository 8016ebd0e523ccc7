using System.Diagnostics;
using System.Net.Sockets;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>A PgBouncer in front of a cluster, with default settings except for the pool mode.</summary>
public sealed class PgBouncer : IDisposable
{
    private const string Program = "/usr/sbin/pgbouncer";

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    private PgBouncer(PostgresCluster cluster, string mode, string settings)
    {
        var users = Path.Combine(_folder.Path, "users");
        File.WriteAllText(users, "\"taskgrpc\" \"\"\n");
        var configuration = Path.Combine(_folder.Path, "pgbouncer.ini");
        File.WriteAllText(configuration, $"""
            [databases]
            * = host=127.0.0.1 port={cluster.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {Port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {users}
            pool_mode = {mode}
            {settings}
            """);
        PostgresCluster.Own(_folder.Path);
        string[] command = [.. PostgresCluster.AsItsUser, Program, "-q", configuration];
        _process = Process.Start(
            new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public int Port { get; } = LoopbackPort.Free();

    /// <param name="cluster">The cluster to connect to.</param>
    /// <param name="mode">session, transaction or statement.</param>
    /// <param name="settings">More lines of its configuration.</param>
    public static async Task<PgBouncer> StartAsync(PostgresCluster cluster, string mode, string settings = "")
    {
        Assert.SkipUnless(
            File.Exists(Program), "PgBouncer is not on this machine (Debian: apt-get install pgbouncer); .ci/run installs it.");
        var bouncer = new PgBouncer(cluster, mode, settings);
        while (!await bouncer.AnswersAsync())
        {
            Assert.False(bouncer._process.HasExited, "PgBouncer has exited.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        return bouncer;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
