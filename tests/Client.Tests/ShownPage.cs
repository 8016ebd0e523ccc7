using System.Text.RegularExpressions;
using TaskGrpc.TestKit;

namespace TaskGrpc.Client.Tests;

/// <summary>A page of the repository and its named blocks: commands (`run`), C# or HTML (`sample`) and JSON (`settings`).</summary>
internal sealed partial class ShownPage
{
    public ShownPage(string path)
    {
        Text = File.ReadAllText(Path.Combine(Root, path));
    }

    /// <summary>The repository's folder.</summary>
    public static string Root => Repository.Root;

    public string Text { get; }

    /// <summary>The names of the blocks of commands, in order.</summary>
    public IEnumerable<string> Commands => Names("run");

    /// <summary>The names of the samples, in order.</summary>
    public IEnumerable<string> Samples => Names("sample");

    /// <summary>The number of blocks of commands on the page, named or not.</summary>
    public int CommandBlocks => Text.Split('\n').Count(line => line == "```sh");

    public string Command(string name) => Block("run", name);

    public string Sample(string name) => Block("sample", name);

    public string Settings(string name) => Block("settings", name);

    private IEnumerable<string> Names(string kind) =>
        Named().Matches(Text).Where(match => match.Groups["kind"].Value == kind).Select(match => match.Groups["name"].Value);

    private string Block(string kind, string name)
    {
        var block = Named().Matches(Text).Single(match => match.Groups["kind"].Value == kind && match.Groups["name"].Value == name);
        return block.Groups["block"].Value;
    }

    [GeneratedRegex(
        @"^<!-- (?<kind>run|sample|settings): (?<name>[a-z ]+) -->\n```(sh|csharp|json|html)\n(?<block>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Named();
}
