using System.Diagnostics;

namespace TaskGrpc.TestKit;

/// <summary>Runs the server's program until it exits: a command, or a start that fails.</summary>
public static class ServerCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs the program with the arguments, in the test's environment with these changes.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="environment">Variables to set, or to remove if null.</param>
    /// <param name="wrapper">The command that runs the program; none to run it directly.</param>
    /// <param name="program">The folder of the program; the test's own by default.</param>
    public static async Task<Ended> RunAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, IReadOnlyList<string>? wrapper = null,
            string? program = null)
    {
        string[] command =
            [.. wrapper ?? [], "dotnet", Path.Combine(program ?? AppContext.BaseDirectory, "TaskGrpc.Server.dll"), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Kestrel__Endpoints__Grpc__Url"] = "http://127.0.0.1:0";
        start.Environment["Kestrel__Endpoints__Http__Url"] = "http://127.0.0.1:0";
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null)
            {
                start.Environment.Remove(key);
            }
            else
            {
                start.Environment[key] = value;
            }
        }

        using var process = Process.Start(start)!;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WaitAsync(Limit);
            return new Ended(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>The program's exit code and output.</summary>
    public sealed record Ended(int ExitCode, string Output, string Error);
}
