using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>The program's arguments and commands: results on stdout, a refusal as one line on stderr, and an exit code for each.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--help", "backup FILE")]
    [InlineData("-h", "backup FILE")]
    [InlineData("help", "restore FILE")]
    [InlineData("--version", "TaskGrpc ")]
    [InlineData("version", "TaskGrpc ")]
    public async Task Help_and_version_Are_printed_and_nothing_is_started(string word, string part)
    {
        var ended = await ServerCommand.RunAsync([word]);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.Contains(part, ended.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'backup'", "bakcup", "x")]
    [InlineData("'restore'", "restor", "x")]
    [InlineData("'--help'", "--hepl")]
    [InlineData("backup, copy, migrate", "serve")]
    [InlineData("backup, copy, migrate", "-x")]
    [InlineData("backup, copy, migrate", "--Storage:Provider=Sqlite", "backup")]
    [InlineData("has no value", "--Storage:RowLevelSecurity")]
    [InlineData("one file", "backup")]
    [InlineData("one file", "restore", "a", "b")]
    [InlineData("settings only", "migrate", "now")]
    public async Task An_unknown_word_Is_refused_with_what_is_near(string part, params string[] args)
    {
        var ended = await ServerCommand.RunAsync(args);
        Refused(ended, 2, part);
    }

    [Theory]
    [InlineData("Storage:DataDirectory", "copy", "--Storage:DataDirectry=/srv", "--To:Storage:Provider=Sqlite")]
    [InlineData("To:Storage:Provider", "copy", "--To:Storage:Providr=Postgres")]
    [InlineData("To:Storage:DataDirectory", "copy", "--To:Storage:Provider=Sqlite", "--To:Storag:DataDirectory=/srv")]
    [InlineData("Storage:DataDirectory", "backup", "/tmp/never.db", "--Storage:DataDirectry=/srv")]
    public async Task A_misspelt_setting_of_a_command_Is_refused(string near, params string[] args) =>
        Refused(await ServerCommand.RunAsync(args, Data()), 1, near);

    [Fact]
    public async Task A_backup_that_has_no_place_Says_which_and_leaves_nothing()
    {
        Refused(await ServerCommand.RunAsync(["backup", Path.Combine(_folder.Path, "b.db")], Data("nowhere")), 1, "There is no database");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));

        await MigratedAsync();
        Refused(await ServerCommand.RunAsync(["backup", Path.Combine(_folder.Path, "missing", "b.db")], Data()), 1, "does not exist");
        Refused(await ServerCommand.RunAsync(["backup", _folder.Path], Data()), 1, "is a folder");
        Refused(await ServerCommand.RunAsync(["backup", "/proc/b.db"], Data()), 1, "/proc/b.db");
        Assert.Equal(["data"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_copy_from_where_no_database_is_Makes_nothing_on_either_side()
    {
        var target = Path.Combine(_folder.Path, "target");
        var ended = await ServerCommand.RunAsync(
            ["copy", "--To:Storage:Provider=Sqlite", $"--To:Storage:DataDirectory={target}"], Data("empty"));
        Refused(ended, 1, "There is no database");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private async Task MigratedAsync()
    {
        var ended = await ServerCommand.RunAsync(["migrate"], Data());
        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
    }

    private Dictionary<string, string?> Data(string name = "data") =>
        new() { ["Storage__DataDirectory"] = Path.Combine(_folder.Path, name) };

    private static void Refused(ServerCommand.Ended ended, int exitCode, string part)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(ended.Output + ended.Error);
        Assert.Equal((exitCode, ""), (ended.ExitCode, ended.Output));
        Assert.Contains(part, ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("Exception", ended.Error, StringComparison.Ordinal);
    }
}
