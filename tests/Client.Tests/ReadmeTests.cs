using TaskGrpc.Testing;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>What the README shows is what compiles and runs.</summary>
public sealed class ReadmeTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    [Fact]
    public void The_tour_in_the_readme_Is_the_one_that_is_compiled()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "TaskGrpc.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        var shown = Between(File.ReadAllText(Path.Combine(root, "README.md")), "<!-- sample: tour -->\n```csharp\n", "```")
            .Replace("new Uri(\"http://127.0.0.1:5080\")", "address", StringComparison.Ordinal);
        var compiled = Between(File.ReadAllText(Path.Combine(root, "tests", "Client.Tests", "Tour.cs")), "// The tour begins.\n", "// The tour ends.");
        Assert.Equal(Lines(compiled), Lines(shown).Where(line => !line.StartsWith("using Grpc", StringComparison.Ordinal) && !line.StartsWith("using TaskGrpc", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_tour_Runs_to_its_end()
    {
        await Tour.RunAsync(server.Server.Grpc).WaitAsync(TimeSpan.FromSeconds(20));

        using var client = server.Server.Client("default");
        Assert.Equal(AgentTaskStatus.Planning, Assert.Single((await client.AgentTasks.ListAgentTasksAsync(new())).AgentTasks).Status);
    }

    private static string Between(string text, string start, string end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private static string[] Lines(string text) => [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
}
