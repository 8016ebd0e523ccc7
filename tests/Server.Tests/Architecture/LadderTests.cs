using System.Text.RegularExpressions;
using Xunit;

namespace TaskGrpc.Server.Tests.Architecture;

/// <summary>A room may use only the rooms below it, so that a request's way can be read without turning back.</summary>
public sealed partial class LadderTests
{
    private static readonly string[] Ladder = ["Storage", "Ledger", "Watching", "Resources", "Delivering", "Hosting"];
    private static readonly string[] Beside = ["Faults", "Filtering"];
    private static readonly string Server = Path.Combine(Repository.Root, "src", "Server");

    [Fact]
    public void No_room_Uses_one_above_it()
    {
        var upward =
            from file in Sources()
            let room = Room(file)
            from Match import in Import().Matches(File.ReadAllText(file))
            let used = import.Groups[1].Value
            where Beside.Contains(room) ? !Beside.Contains(used) : !Beside.Contains(used) && Array.IndexOf(Ladder, used) > Array.IndexOf(Ladder, room)
            select $"{Path.GetRelativePath(Server, file)} uses {used}";
        Assert.Empty(upward);
    }

    [Fact]
    public void Every_folder_Is_a_known_room() =>
        Assert.Empty(Directory.GetDirectories(Server).Select(Path.GetFileName).Except([.. Ladder, .. Beside, "bin", "obj", "Properties"]));

    [Theory]
    [InlineData(@"\bRpcException\b|\bServerCallContext\b", "Endpoint.cs|WatchWriter.cs|Interceptor.cs|CallerFeature.cs|ResourceCalls.cs|WatchServiceBase.cs|Hosting/Frames/")]
    [InlineData(@"\bDbContext\b", "Storage/")]
    [InlineData(@"\.All<|\.LogInOrder\(|\.RequestsInOrder\(", "Storage/")]
    [InlineData(@"using TaskGrpc\.V1", "Ledger/|Watching/|Resources/|Delivering/|Hosting/|Faults/")]
    public void Transport_database_and_protos_Stay_in_their_rooms(string pattern, string places)
    {
        var strays = Sources().Where(file => Regex.IsMatch(File.ReadAllText(file), pattern) && !Regex.IsMatch(file.Replace('\\', '/'), places));
        Assert.Empty(strays);
    }

    private static IEnumerable<string> Sources() =>
        Directory.GetFiles(Server, "*.cs", SearchOption.AllDirectories).Where(file => Room(file) != "Program.cs" && !file.Contains("Migrations", StringComparison.Ordinal));

    private static string Room(string file) => Path.GetRelativePath(Server, file).Split(Path.DirectorySeparatorChar)[0];

    [GeneratedRegex(@"\bTaskGrpc\.Server\.(\w+)")]
    private static partial Regex Import();
}
