using System.Diagnostics;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>The command `restore` cannot go wrong, and the server detects a wrong restore by hand.</summary>
public sealed class RestoreTests(RestoreTests.Killed killed) : IClassFixture<RestoreTests.Killed>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    private string Database => Path.Combine(Data, "taskgrpc.db");

    private string Backup => Path.Combine(_folder.Path, "backup.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_restore_after_a_kill_Has_what_the_backup_has_and_keeps_the_old_database_whole()
    {
        var token = await KilledAsync();

        var ended = await CommandAsync("restore", Backup);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.Contains(Path.Combine(Data, "keys"), ended.Output, StringComparison.Ordinal);
        await HasAsync(Data, ["kept"], token);
        var aside = Assert.Single(Directory.GetFiles(Data, "taskgrpc.db.before-*"),
            file => !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal));
        var old = Directory.CreateDirectory(Path.Combine(_folder.Path, "old")).FullName;
        foreach (var end in new[] { "", "-wal", "-shm" })
        {
            File.Move(aside + end, Path.Combine(old, "taskgrpc.db" + end));
        }

        await HasAsync(old, ["kept", "lost"]);
    }

    [Fact]
    public async Task An_organization_that_changed_first_after_the_backup_Begins_a_new_epoch()
    {
        string[] tokens;
        using (var server = new ServerProcess(Data))
        {
            await server.StartAsync();
            Assert.Equal(0, (await CommandAsync("backup", Backup)).ExitCode);
            using var client = server.Client("late");
            var before = await client.Changes.ListChangesAsync(new());
            await client.CreateBoardTaskAsync();
            tokens = [before.ResumeToken, (await client.Changes.ListChangesAsync(new())).ResumeToken];
        }

        Assert.Equal(0, (await CommandAsync("restore", Backup)).ExitCode);
        using var restored = new ServerProcess(Data);
        await restored.StartAsync();
        using var late = restored.Client("late");
        await late.CreateBoardTaskAsync();
        foreach (var token in tokens)
        {
            await Refusal.OfAsync(ErrorReason.EpochChanged, () => WatchProbe.OpenAsync(late, new WatchRequest { ResumeToken = token }));
        }
    }

    [Fact]
    public async Task A_restore_into_an_empty_folder_Makes_the_database()
    {
        await KilledAsync();
        Directory.Delete(Data, recursive: true);
        Assert.Equal(0, (await CommandAsync("restore", Backup)).ExitCode);
        await HasAsync(Data, ["kept"]);
    }

    [Fact]
    public async Task A_backup_put_over_a_killed_servers_file_Is_detected_and_nothing_is_changed()
    {
        await KilledAsync();
        File.Copy(Backup, Database, overwrite: true);

        var ended = await CommandAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("restore FILE", Assert.Single(ended.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(Backup, TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken));

        // The advice in the line works.
        File.Delete(Database + "-wal");
        File.Delete(Database + "-shm");
        await HasAsync(Data, ["kept"]);
    }

    [Fact]
    public async Task A_restore_under_a_running_server_Is_refused()
    {
        using var server = new ServerProcess(Data);
        await server.StartAsync();
        Assert.Equal(0, (await CommandAsync("backup", Backup)).ExitCode);
        await RefusedAsync("Another process", "restore", Backup);
        using var client = server.Client("org");
        await client.CreateAgentTaskAsync();
    }

    [Fact]
    public async Task An_incomplete_backup_Is_refused_and_nothing_is_changed()
    {
        await KilledAsync();
        var before = Snapshot();
        var other = Path.Combine(_folder.Path, "other.db");

        await RefusedAsync("There is no file", "restore", other);
        await RefusedAsync("the database itself", "restore", Database);
        await File.WriteAllTextAsync(other, "no database", TestContext.Current.CancellationToken);
        await RefusedAsync("cannot be restored", "restore", other);
        await File.WriteAllTextAsync(other, "", TestContext.Current.CancellationToken);
        await RefusedAsync("holds no database", "restore", other);

        var bytes = await File.ReadAllBytesAsync(Backup, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(other, bytes[..(bytes.Length / 2)], TestContext.Current.CancellationToken);
        await RefusedAsync("other.db", "restore", other);
        Array.Clear(bytes, bytes.Length / 2, 4096);
        await File.WriteAllBytesAsync(other, bytes, TestContext.Current.CancellationToken);
        await RefusedAsync("other.db", "restore", other);

        File.Copy(Database, other, overwrite: true);
        File.Copy(Database + "-wal", other + "-wal");
        await RefusedAsync("log of changes beside it", "restore", other);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task A_restore_that_was_cut_short_Keeps_the_server_from_starting_until_it_is_done()
    {
        var token = await KilledAsync();
        // The state after a kill between the last two steps.
        File.Copy(Backup, Database + ".restored");
        File.Move(Database, Database + ".before");
        await RefusedAsync("restore FILE");
        Assert.Equal(0, (await CommandAsync("restore", Backup)).ExitCode);
        await HasAsync(Data, ["kept"], token);
    }

    /// <summary>Copies what the killed server left, and its backup. Returns a token of its log.</summary>
    private async Task<string> KilledAsync()
    {
        using var copy = Process.Start("cp", ["-a", killed.Data, killed.Backup, _folder.Path]);
        await copy.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(new FileInfo(Database + "-wal").Length > 0);
        return killed.Token;
    }

    private static async Task HasAsync(string data, string[] titles, string? token = null)
    {
        using var server = new ServerProcess(data);
        await server.StartAsync();
        using var client = server.Client("org");
        Assert.Equal(
            titles, (await client.AgentTasks.ListAgentTasksAsync(new() { OrderBy = "created_at" })).AgentTasks.Select(task => task.Title));
        if (token is not null)
        {
            await Refusal.OfAsync(ErrorReason.EpochChanged, () => WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = token }));
        }
    }

    private async Task RefusedAsync(string part, params string[] command)
    {
        var ended = await CommandAsync(command);
        TestContext.Current.TestOutputHelper?.WriteLine(ended.Error);
        Assert.Equal((1, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(part, Assert.Single(ended.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private Task<ServerCommand.Ended> CommandAsync(params string[] command) => CommandOnAsync(Data, command);

    private static Task<ServerCommand.Ended> CommandOnAsync(string data, params string[] command) =>
        ServerCommand.RunAsync(command, new Dictionary<string, string?> { ["Storage__DataDirectory"] = data });

    private string Snapshot() =>
        string.Join(", ",
            Directory.GetFiles(Data).Order()
            .Select(file =>
                $"{Path.GetFileName(file)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}"));

    /// <summary>What a server left that made a backup after its first task and was killed after its second.</summary>
    public sealed class Killed : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public string Data => Path.Combine(_folder.Path, "data");

        public string Backup => Path.Combine(_folder.Path, "backup.db");

        /// <summary>A token of its log.</summary>
        public string Token { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            using var server = new ServerProcess(Data);
            await server.StartAsync();
            using var client = server.Client("org");
            await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask("kept") });
            Assert.Equal(0, (await CommandOnAsync(Data, "backup", Backup)).ExitCode);
            await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask("lost") });
            Token = (await client.Changes.ListChangesAsync(new() { PageSize = 10 })).ResumeToken;
            await server.KillAsync();
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
