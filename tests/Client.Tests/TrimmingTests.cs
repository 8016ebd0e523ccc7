using System.Diagnostics;
using System.Reflection;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>A program published with trimming works as before, the validation of options included.</summary>
public sealed class TrimmingTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    /// <summary>The linker needs about ten seconds of processor time.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private const string Bounds = "It must be between 1 ms and 24 days, or Timeout.InfiniteTimeSpan for no limit.";

    private static readonly string[] References =
    [
        "TaskGrpc.Client", "TaskGrpc.Contracts", "Google.Protobuf", "Google.Api.CommonProtos",
        "Grpc.Core.Api", "Grpc.Net.Client", "Grpc.Net.Common", "Grpc.StatusProto",
        "Microsoft.Extensions.Configuration", "Microsoft.Extensions.Configuration.Abstractions",
        "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Diagnostics.HealthChecks", "Microsoft.Extensions.Diagnostics.HealthChecks.Abstractions",
        "Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Logging", "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.Options", "Microsoft.Extensions.Primitives",
    ];

    [Fact]
    public async Task A_trimmed_program_Is_published_without_a_warning_and_keeps_every_check()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Path);
        var references = References.Select(name => $"""<Reference Include="{Assembly.Load(name).Location}" />""");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "Trimmed.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <PublishTrimmed>true</PublishTrimmed>
                <TrimmerSingleWarn>false</TrimmerSingleWarn>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <!-- The shared framework's assemblies are compiled ahead for a processor; an unreachable package source is no finding. -->
                <NoWarn>CS8012;NU1900</NoWarn>
              </PropertyGroup>
              <ItemGroup>{string.Concat(references)}</ItemGroup>
            </Project>
            """);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "TrimmedProgram.cs.txt"), Path.Combine(folder.Path, "Program.cs"));

        var target = Path.Combine(folder.Path, "out");
        string[] publish = ["publish", folder.Path, "-c", "Release", "-o", target, "-nodeReuse:false", "-p:UseSharedCompilation=false"];
        var (published, log) = await RunAsync("dotnet", publish);
        Assert.True(published == 0 && !log.Contains("warning", StringComparison.Ordinal), log);
        var (code, output) = await RunAsync(Path.Combine(target, "Trimmed"), [server.Server.Grpc.ToString()]);

        Assert.True(code == 0, output);
        Assert.Equal(
            [
                "Address: The TaskGrpcClientOptions.Address field is required.; "
                    + "TaskGrpcClientOptions.CallTimeout is 10675199.02:48:05.4775807. " + Bounds + "; "
                    + "MaxAttempts: The field TaskGrpcClientOptions.MaxAttempts must be between 1 and 10.",
                "Healthy",
                "TaskGrpcWatchOptions.SilenceTimeout is 00:00:00. " + Bounds,
                "InvalidField: 1",
                "Priority 7",
                "Planning Blocked Failed Canceled",
                "Canceled",
                "trimmed: Canceled",
                "TaskGrpcWorkerOptions.Wait is 00:00:00. It must be between 1 s and 60 s.",
                "worked: by a trimmed handler",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            .ToArray())
        {
            // Set by the build that may have started this test.
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        using var late = new CancellationTokenSource(Limit, TimeProvider.System);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(late.Token), process.StandardError.ReadToEndAsync(late.Token));
            await process.WaitForExitAsync(late.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
