using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Docs;

/// <summary>A generated page. With TASKGRPC_WRITE_DOCS=1 the test writes it instead of comparing it.</summary>
internal static class GeneratedPage
{
    public static void AssertFresh(string name, string expected)
    {
        var path = Path.Combine(Repository.Root, "docs", name);
        if (Environment.GetEnvironmentVariable("TASKGRPC_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        var actual = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(
            expected == actual,
            $"docs/{name} is stale. Run TASKGRPC_WRITE_DOCS=1 dotnet test --project tests/Server.Tests and commit the page.");
    }
}
