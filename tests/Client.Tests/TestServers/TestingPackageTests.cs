using System.IO.Compression;
using System.Xml.Linq;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Client.Tests.TestServers;

/// <summary>The samples of TaskGrpc.Testing, built from the packages in a project of their own and run.</summary>
public sealed class TestingPackageTests
{
    /// <summary>A signal stops no server. The servers of other tests listen to signals, so this runs beside the samples.</summary>
    private const string Signals = """
        using System.Diagnostics;
        using System.Runtime.InteropServices;
        using TaskGrpc.Testing;
        using TaskGrpc.V1;
        using Xunit;

        public sealed class SignalTests
        {
            [Fact]
            public async Task A_signal_Stops_no_server()
            {
                await using var server = await TaskGrpcTestServer.StartAsync();
                using var signals = new SemaphoreSlim(0);
                using var own = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
                {
                    signal.Cancel = true;
                    signals.Release();
                });
                // When the second arrives, every handler of the first has ended.
                for (var i = 0; i < 2; i++)
                {
                    Process.Start("kill", ["-TERM", $"{Environment.ProcessId}"]).Dispose();
                    Assert.True(await signals.WaitAsync(TimeSpan.FromSeconds(20)));
                }

                // A server that stops opens no watch.
                using var watch = server.Client.Changes.Watch(new WatchRequest());
                Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
            }
        }
        """;

    private static readonly string[] Packages = ["Contracts", "Client", "Server", "Testing"];

    [Fact]
    public async Task The_samples_Run_in_a_fresh_project_that_references_the_package()
    {
        using var folder = new TemporaryFolder();
        var feed = Path.Combine(folder.Path, "feed");
        foreach (var package in Packages)
        {
            // As the solution was built for this test: to build the four again would take a minute.
            string[] built = ["--no-build", "-c", Configuration(), "-o", feed, "-p:IncludeSymbols=false"];
            Succeeds(await RunAsync(ShownPage.Root, ["dotnet", "pack", $"src/{package}", .. built]));
        }

        Assert.Contains($"id=\"TaskGrpc.Server\" version=\"[{Version()}]\"", await NuspecAsync(feed), StringComparison.Ordinal);
        var project = Path.Combine(folder.Path, "refunds");
        Directory.CreateDirectory(project);
        await WriteProjectAsync(project, feed);
        await File.WriteAllTextAsync(Path.Combine(project, "RefundTests.cs"), new ShownPage("src/Testing/README.md").Sample("tests"));
        await File.WriteAllTextAsync(Path.Combine(project, "QueueTests.cs"), new ShownPage("docs/csharp.md").Sample("test server"));
        await File.WriteAllTextAsync(Path.Combine(project, "SignalTests.cs"), Signals);

        var output = Succeeds(await RunAsync(project, "dotnet", "run"));
        Assert.Contains("Total: 6, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
        var program = Path.Combine(project, "bin", "Debug", "net10.0");
        Assert.False(File.Exists(Path.Combine(program, "appsettings.json")), "The user's project has the server's settings.");
        Assert.True(File.Exists(Path.Combine(program, "TaskGrpc.Server.dll")));
    }

    private static string Configuration() => Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    /// <summary>Ours come from the feed alone, so that no cache brings older ones; others from what the repository has restored.</summary>
    private static async Task WriteProjectAsync(string project, string feed)
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(Path.Combine(project, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="../packages" /></config>
              <packageSources><clear /><add key="feed" value="{feed}" /><add key="restored" value="{cache}" /></packageSources>
              <packageSourceMapping>
                <clear />
                <packageSource key="feed"><package pattern="TaskGrpc.*" /></packageSource>
                <packageSource key="restored"><package pattern="*" /></packageSource>
              </packageSourceMapping>
            </configuration>
            """);
        await File.WriteAllTextAsync(Path.Combine(project, "refunds.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NoWarn>$(NoWarn);xUnit1051</NoWarn>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="TaskGrpc.Testing" Version="{Version()}" />
                <PackageReference Include="xunit.v3" Version="{XunitVersion()}" />
              </ItemGroup>
            </Project>
            """);
    }

    private static async Task<string> NuspecAsync(string feed)
    {
        await using var package = await ZipFile.OpenReadAsync(Path.Combine(feed, $"TaskGrpc.Testing.{Version()}.nupkg"));
        using var reader = new StreamReader(await package.GetEntry("TaskGrpc.Testing.nuspec")!.OpenAsync());
        return await reader.ReadToEndAsync();
    }

    private static string Version() => XDocument.Parse(new ShownPage("Directory.Build.props").Text).Descendants("Version").Single().Value;

    private static string XunitVersion() => XDocument.Parse(new ShownPage("Directory.Packages.props").Text).Descendants("PackageVersion")
        .Single(package => package.Attribute("Include")!.Value == "xunit.v3").Attribute("Version")!.Value;

    private static Task<(int Code, string Output)> RunAsync(string folder, params string[] command)
    {
        var start = Terminal.Start(command);
        start.WorkingDirectory = folder;
        if (folder != ShownPage.Root)
        {
            // The folder of its nuget.config counts.
            start.Environment.Remove("NUGET_PACKAGES");
        }

        return Terminal.RunAsync(start);
    }

    private static string Succeeds((int Code, string Output) run)
    {
        Assert.True(run.Code == 0, run.Output);
        return run.Output;
    }
}
