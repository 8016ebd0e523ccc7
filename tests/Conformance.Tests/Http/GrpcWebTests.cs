using System.Diagnostics;
using System.Text.Json;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Http;

/// <summary>gRPC-Web on the HTTP port, by npm's connect client in Node.js.</summary>
public sealed class GrpcWebTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_connect_client_Calls_is_refused_with_details_and_watches()
    {
        Assert.SkipUnless(await HasNpmAsync(), "npm is not installed; .ci/run installs it.");
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Path);
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Http", "Web")))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        var (installed, log) = await RunAsync(folder.Path, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        Assert.True(installed == 0, log);
        var contract = Path.Combine(AppContext.BaseDirectory, "Http", "baseline.binpb");
        var (code, output) = await RunAsync(folder.Path, "node", "client.mjs", server.Server.Http.ToString().TrimEnd('/'), contract);
        Assert.True(code == 0, output);
        var steps = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(step => step.GetProperty("step").GetString()!, step => step.GetProperty("value").GetRawText());
        Assert.Equal("\"Pay\"", steps["created"]);
        Assert.Equal("""["InvalidArgument","google.rpc.ErrorInfo","google.rpc.BadRequest"]""", steps["refused"]);
        Assert.Equal("[1,2]", steps["watched"]);
    }

    private static async Task<bool> HasNpmAsync()
    {
        try
        {
            return (await RunAsync(AppContext.BaseDirectory, "npm", "--version")).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Limit);
        await process.WaitForExitAsync().WaitAsync(Limit);
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }
}
