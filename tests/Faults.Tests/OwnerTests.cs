using System.Diagnostics;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>The server and its system: file owners and modes, read-only places, signals, and the default folder.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class OwnerTests(OwnerTests.Filled filled) : IClassFixture<OwnerTests.Filled>, IDisposable
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The superuser may do everything, so tests of permissions run the server as another user.</summary>
    private static readonly string[] AsNobody = Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

    private readonly TemporaryFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_written_file_Is_readable_by_its_owner_only_under_any_umask()
    {
        using var server = new ServerProcess(Data, wrapper: ["sh", "-c", "umask 0; exec \"$@\"", "sh"]);
        await server.StartAsync();
        using (var client = server.Client("org"))
        {
            await client.CreateAgentTaskAsync();
            await client.SigningSecrets.CreateSigningSecretAsync(new());
        }

        var backup = Path.Combine(_folder.Path, "backup.db");
        var ended = await ServerCommand.RunAsync(["backup", backup],
            new Dictionary<string, string?> { ["Storage__DataDirectory"] = Data }, ["sh", "-c", "umask 0; exec \"$@\"", "sh"]);
        Assert.Equal(0, ended.ExitCode);

        var files = Directory.GetFiles(Data, "*", SearchOption.AllDirectories);
        Assert.Equal(["taskgrpc.db", "taskgrpc.db-shm", "taskgrpc.db-wal", "taskgrpc.db.lock"],
            files.Select(Path.GetFileName).Where(name => name!.StartsWith("taskgrpc", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal));
        Assert.Contains(files, file => file.EndsWith(".xml", StringComparison.Ordinal));
        Assert.All([.. files, backup], file => Assert.Equal(OwnerFile, File.GetUnixFileMode(file)));
        Assert.All([Data, Path.Combine(Data, "keys")],
            folder => Assert.Equal(OwnerFile | UnixFileMode.UserExecute, File.GetUnixFileMode(folder)));
    }

    [Fact]
    public async Task A_database_that_others_may_read_Is_served_unchanged_with_one_warning()
    {
        using (var first = new ServerProcess(Data))
        {
            await first.StartAsync();
            await first.TerminateAsync();
            Assert.DoesNotContain(first.Output, line => line.Contains("can read or write", StringComparison.Ordinal));
        }

        var file = Path.Combine(Data, "taskgrpc.db");
        File.SetUnixFileMode(file, OwnerFile | UnixFileMode.OtherRead);
        using var server = new ServerProcess(Data);
        await server.StartAsync();
        await server.TerminateAsync();
        Assert.Single(server.Output, line => line.Contains("can read or write", StringComparison.Ordinal));
        Assert.Equal(OwnerFile | UnixFileMode.OtherRead, File.GetUnixFileMode(file));
    }

    [Theory]
    [InlineData("", "555")]
    [InlineData("taskgrpc.db", "400")]
    [InlineData("taskgrpc.db", "000")]
    [InlineData("taskgrpc.db.lock", "400")]
    [InlineData("keys", "000")]
    [InlineData("keys", "555")]
    [InlineData("keys/*", "000")]
    public async Task A_file_that_the_server_may_not_write_or_read_Is_reported_in_one_line(string name, string mode)
    {
        await ShellAsync($"cp -a '{filled.Data}' '{Data}'");
        foreach (var left in Directory.GetFiles(Data, "*-???")
            .Concat(name.Length == 0
                ? [Path.Combine(Data, "taskgrpc.db.lock")] : name == "keys" && mode == "555"
                ? Directory.GetFiles(Path.Combine(Data, "keys")) : []))
        {
            File.Delete(left);
        }

        await ShellAsync(
            $"chmod 755 '{_folder.Path}'{(AsNobody.Length > 0 ? $"; chown -R 65534:65534 '{Data}'" : "")}; chmod {mode} "
            + $"{Path.Combine(Data, name)}");
        try
        {
            var ended = await ServerCommand.RunAsync([], new Dictionary<string, string?> { ["Storage__DataDirectory"] = Data }, AsNobody);
            AssertRefused(ended, name.Length == 0 ? "taskgrpc.db.lock" : name.TrimEnd('*', '/'), "denied");
        }
        finally
        {
            await ShellAsync($"chmod -R u+rwX '{Data}'");
        }
    }

    [Theory]
    [InlineData("taskgrpc.db.lock", "openat", "EROFS", "Read-only file system")]
    [InlineData("taskgrpc.db", "pwrite64", "ENOSPC", "full")]
    [InlineData("taskgrpc.db", "pread64", "EIO", "output error")]
    public async Task An_error_of_the_volume_Is_reported_in_the_systems_words(string name, string call, string fault, string part)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed; .ci/run installs it.");
        Directory.CreateDirectory(Data);
        string[] strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", Path.Combine(Data, name), "-e", $"trace={call}", "-e",
            $"inject={call}:error={fault}"];
        var ended = await ServerCommand.RunAsync([], new Dictionary<string, string?> { ["Storage__DataDirectory"] = Data }, strace);
        AssertRefused(ended, name, part);
        Assert.DoesNotContain("Another process", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    [InlineData("INT")]
    public async Task A_signal_to_end_Drains_watches_and_ends_well(string signal)
    {
        using var server = new ServerProcess(Data);
        await server.StartAsync();
        using var client = server.Client("org");
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 });
        var end = Refusal.OfAsync(ErrorReason.Draining, () => watch.UntilAsync(1));
        await server.TerminateAsync(signal);
        await end;
        Assert.Equal(0, server.ExitCode);
        Assert.False(File.Exists(Path.Combine(Data, "taskgrpc.db-wal")));
    }

    [Fact]
    public async Task A_home_without_a_folder_for_data_Is_given_one()
    {
        var home = Directory.CreateDirectory(Path.Combine(_folder.Path, "home")).FullName;
        using var server = new ServerProcess("", wrapper: ["env", "-u", "Storage__DataDirectory", "-u", "XDG_DATA_HOME", $"HOME={home}"]);
        await server.StartAsync();
        Assert.True(File.Exists(Path.Combine(home, ".local", "share", "taskgrpc", "taskgrpc.db")));
    }

    [Fact]
    public async Task Without_a_home_The_message_names_the_data_directory()
    {
        var ended = await ServerCommand.RunAsync([],
            new Dictionary<string, string?> { ["HOME"] = null, ["XDG_DATA_HOME"] = null, ["Storage__DataDirectory"] = null }, AsNobody);
        AssertRefused(ended, "Storage:DataDirectory", "HOME is not set");
    }

    /// <summary>The folder of a server that has written all of its files and was killed; tests work on a copy.</summary>
    public sealed class Filled : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public string Data => Path.Combine(_folder.Path, "data");

        public async ValueTask InitializeAsync()
        {
            using var server = new ServerProcess(Data);
            await server.StartAsync();
            using var client = server.Client("org");
            await client.SigningSecrets.CreateSigningSecretAsync(new());
            await server.KillAsync();
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private static void AssertRefused(ServerCommand.Ended ended, string subject, string part)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(ended.Output + ended.Error);
        Assert.Equal(1, ended.ExitCode);
        var line = Assert.Single(ended.Error.TrimEnd().Split('\n'));
        Assert.Contains("does not start", line, StringComparison.Ordinal);
        Assert.Contains(subject, line, StringComparison.Ordinal);
        Assert.Contains(part, line, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task ShellAsync(string script)
    {
        using var shell = Process.Start("sh", ["-c", script]);
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }
}
