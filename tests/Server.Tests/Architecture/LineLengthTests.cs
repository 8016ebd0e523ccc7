using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Architecture;

/// <summary>Lines of code, protos and scripts stay under 140 characters. ReadmeTests checks the pages.</summary>
public sealed class LineLengthTests
{
    private const int Limit = 140;

    [Fact]
    public void Every_line_Stays_under_140_characters()
    {
        string[] folders = ["src", "tests", "bench", "protos", ".ci"];
        var files = folders
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories))
            .Where(file => Path.GetExtension(file) is ".cs" or ".proto" or ".html" or ".css" or ".js" or "")
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "Migrations" or "bin" or "obj" or "Kept"))
            .ToList();
        Assert.True(files.Count > 500);
        Assert.Empty(files.SelectMany(Long));
    }

    private static IEnumerable<string> Long(string file)
    {
        var isInText = false;
        foreach (var (number, line) in File.ReadLines(file).Index())
        {
            // Texts that a program reads, such as JSON, keep their lines.
            var quotes = line.Split("\"\"\"").Length - 1;
            if (line.Length >= Limit && !isInText && quotes == 0)
            {
                yield return $"{Path.GetRelativePath(Repository.Root, file)}:{number + 1}";
            }

            isInText ^= quotes % 2 == 1;
        }
    }
}
