using System.Text.RegularExpressions;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Architecture;

/// <summary>A folder of src/Server may use only the folders below it on the ladder, so dependencies go one way.</summary>
public sealed class LadderTests
{
    private static readonly string[] Ladder = ["Storage", "Ledger", "Watching", "Resources", "Sending", "Calls", "Protocols", "Hosting"];
    private static readonly string[] Beside = ["Faults", "Filtering"];

    /// <summary>Folders of Storage that serve every database; the other folders of Storage serve one.</summary>
    private static readonly string[] AnyDatabase = ["Keys", "Schema", "Sql"];

    private static readonly string Server = Path.Combine(Repository.Root, "src", "Server");

    [Fact]
    public void No_folder_Uses_one_above_it()
    {
        var upward =
            from file in Sources()
            let room = Folders(file)[0]
            from used in Used(file, [], [.. Ladder, .. Beside])
            where Beside.Contains(room)
                ? !Beside.Contains(used) : !Beside.Contains(used) && Array.IndexOf(Ladder, used) > Array.IndexOf(Ladder, room)
            select $"{Path.GetRelativePath(Server, file)} uses {used}";
        Assert.Empty(upward);
    }

    /// <summary>Only Hosting chooses the database; all other folders use the store.</summary>
    [Fact]
    public void Folders_for_every_database_Use_no_folder_of_one_database()
    {
        string[] databases = ["Sqlite", "Postgres"];
        var strays =
            from file in Sources()
            where Folders(file) is not (["Hosting", ..] or ["Storage"])
                && (Folders(file) is not ["Storage", var folder, ..] || AnyDatabase.Contains(folder))
            from used in Used(file, ["Storage"], databases)
            select $"{Path.GetRelativePath(Server, file)} uses {used}";
        Assert.Empty(strays);
    }

    [Fact]
    public void Kinds_Use_each_other_without_a_circle()
    {
        string[] kinds = [.. Directory.GetDirectories(Path.Combine(Server, "Resources")).Select(folder => Path.GetFileName(folder)!)];
        var uses = (
            from file in Sources()
            where Folders(file) is ["Resources", _, ..]
            from used in Used(file, ["Resources"], kinds)
            where used != Folders(file)[1]
            select (Kind: Folders(file)[1], Used: used)).ToLookup(use => use.Kind, use => use.Used);
        Assert.NotEmpty(uses);
        Assert.All(kinds, kind => Assert.DoesNotContain(kind, Reach(uses, kind)));
    }

    [Fact]
    public void Every_folder_Is_a_known_room() =>
        Assert.Empty(Directory.GetDirectories(Server).Select(Path.GetFileName).Except([.. Ladder, .. Beside, "bin", "obj", "Properties"]));

    [Fact]
    public void Every_file_Is_in_the_folder_of_its_namespace()
    {
        var strays = Sources().Where(file =>
            Regex.Match(File.ReadAllText(file), @"^namespace ([\w.]+)", RegexOptions.Multiline).Groups[1].Value
            != string.Join('.', ["TaskGrpc.Server", .. Folders(file)]));
        Assert.Empty(strays);
    }

    [Theory]
    [InlineData(@"\bServerCallContext\b", "Protocols/Grpc/")]
    [InlineData(@"\bRpcException\b", "Protocols/")]
    [InlineData(@"\bHttpContext\b", "Protocols/|Hosting/")]
    // EF owns the schema, and nothing but the two calls that migrate uses it.
    [InlineData(@"\bMicrosoft\.EntityFrameworkCore\b|\b\w*TaskDb\b|\bDbContext",
        "Storage/Schema/|Storage/Sqlite/SqliteStore.cs|Storage/Postgres/PostgresStore.cs")]
    // Only a text that brings the organization with it leads a list to a table.
    [InlineData(@"\.NewText\(|new (Sqlite|Postgres)Text\(", "Storage/StoreReader.cs|StoreWriter.cs|StoreConnection.cs")]
    [InlineData(@"\bTaskGrpc\.V1\b", "Ledger/|Watching/|Resources/|Sending/|Calls/|Protocols/|Hosting/|Faults/")]
    public void Transport_database_and_protos_Stay_in_their_folders(string pattern, string places)
    {
        var strays = Sources().Where(file => Regex.IsMatch(Code(file), pattern) && !Regex.IsMatch(file.Replace('\\', '/'), places));
        Assert.Empty(strays);
    }

    private static IEnumerable<string> Sources() => Directory.GetFiles(Server, "*.cs", SearchOption.AllDirectories)
        .Where(file => Folders(file) is [not ("bin" or "obj"), ..] && !file.Contains("Migrations", StringComparison.Ordinal));

    private static string[] Folders(string file) => Path.GetRelativePath(Server, file).Split(Path.DirectorySeparatorChar)[..^1];

    /// <summary>The given names, all below one namespace, that a file uses: in full, or relative to its own namespace.</summary>
    private static IEnumerable<string> Used(string file, string[] below, string[] names)
    {
        var full = string.Join(@"\.", ["TaskGrpc", "Server", .. below, ""]);
        var pattern = $@"(?:\b{full}|(?<![\w.])(?:{string.Join(@"\.", [.. below, ""])})?)({string.Join('|', names)})\b(?=\.[A-Z]|;)";
        return Regex.Matches(Code(file), pattern).Select(match => match.Groups[1].Value).Distinct();
    }

    /// <summary>A file without its comments and string literals.</summary>
    private static string Code(string file) => Regex.Replace(
        File.ReadAllText(file),
        @"//[^\n]*|""""""[\s\S]*?""""""|""(?:\\.|[^""\\\n])*""",
        match => match.Value.StartsWith("//", StringComparison.Ordinal) ? "" : "\"\"");

    /// <summary>Everything that a kind uses, directly or through others.</summary>
    private static HashSet<string> Reach(ILookup<string, string> uses, string kind)
    {
        var reached = new HashSet<string>();
        var next = new Queue<string>(uses[kind]);
        while (next.TryDequeue(out var used))
        {
            if (reached.Add(used))
            {
                foreach (var further in uses[used])
                {
                    next.Enqueue(further);
                }
            }
        }

        return reached;
    }
}
