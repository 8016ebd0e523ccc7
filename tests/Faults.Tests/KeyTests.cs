using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>A start with unusable keys fails; the folder for temporary files has no effect on it.</summary>
public sealed class KeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Keys => Path.Combine(_folder.Path, "keys");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_for_temporary_files_that_cannot_be_written_Does_not_matter()
    {
        using var server = new ServerProcess(_folder.Path, settings: new Dictionary<string, string> { ["TMPDIR"] = "/proc" });
        await server.StartAsync();
        using var client = server.Client("org");
        await client.CreateAgentTaskAsync();
        await client.CreateAgentTaskAsync();
        Assert.NotEmpty((await client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 1 })).NextPageToken);
        await client.SigningSecrets.CreateSigningSecretAsync(new());
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("<key id=\"1\"><cut")]
    public async Task A_damaged_key_Is_refused_at_the_start_by_its_name(string content)
    {
        Directory.CreateDirectory(Keys);
        await File.WriteAllTextAsync(Path.Combine(Keys, "key-1.xml"), content, TestContext.Current.CancellationToken);

        var ended = await StartAsync();

        Assert.Contains("does not start", ended.Error, StringComparison.Ordinal);
        Assert.Contains("key-1.xml", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_key_that_only_seems_whole_Ends_the_server_with_one_line()
    {
        Directory.CreateDirectory(Keys);
        await File.WriteAllTextAsync(Path.Combine(Keys, "key-1.xml"), "<key><</key>", TestContext.Current.CancellationToken);

        var ended = await StartAsync();

        var line = Assert.Single(ended.Output.Split('\n'), line => line.Contains("keys that encrypt secrets", StringComparison.Ordinal));
        Assert.Contains("key-1.xml", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Output + ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_folder_Is_refused()
    {
        await File.WriteAllTextAsync(Keys, "", TestContext.Current.CancellationToken);

        var ended = await StartAsync();

        Assert.Contains("does not start", ended.Error, StringComparison.Ordinal);
        Assert.Contains(Keys, ended.Error, StringComparison.Ordinal);
    }

    private async Task<ServerCommand.Ended> StartAsync()
    {
        var ended = await ServerCommand.RunAsync([], new Dictionary<string, string?> { ["Storage__DataDirectory"] = _folder.Path });
        TestContext.Current.TestOutputHelper?.WriteLine(ended.Output + ended.Error);
        Assert.Equal(1, ended.ExitCode);
        return ended;
    }
}
