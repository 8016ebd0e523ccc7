using System.Text.RegularExpressions;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Docs;

/// <summary>protos/README.md lists the files that other languages need; the test compares it with the build.</summary>
public sealed partial class ProtosPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "protos", "README.md"));

    [Fact]
    public void A_file_that_the_contract_imports_Is_on_the_page()
    {
        var imports =
            from file in Repository.Files("*.proto", "protos")
            from Match import in Import().Matches(File.ReadAllText(file))
            select import.Value;
        Assert.All(imports.Distinct(), file => Assert.Contains($" {file}", Page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_version_of_the_imports_Is_the_one_that_the_build_uses()
    {
        var packages = File.ReadAllText(Path.Combine(Repository.Root, "Directory.Packages.props"));
        var version = Version().Match(packages).Value;
        Assert.NotEmpty(version);
        Assert.Contains($"google.api.commonprotos/{version}/google.api.commonprotos.{version}.nupkg", Page, StringComparison.Ordinal);
        Assert.Contains($"google.api.commonprotos/{version}/content", Page, StringComparison.Ordinal);
    }

    [GeneratedRegex("""(?<=^import ")google/(api|rpc)/[^"]+""", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex("""(?<=Include="Google.Api.CommonProtos" Version=")[^"]+""")]
    private static partial Regex Version();
}
