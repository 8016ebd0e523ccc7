using System.Diagnostics;

namespace TaskGrpc.TestKit;

/// <summary>The server's program, run to its end: a command, or a start that is refused.</summary>
public static class ServerCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs the program with the arguments, in the environment of the test beside which stands what is given; null removes a variable.</summary>
    /// <param name="arguments">What the program is given.</param>
    /// <param name="environment">Variables to set, or to remove by null.</param>
    /// <param name="wrapper">The command under which it runs; none for itself.</param>
    /// <param name="program">The folder of the program; the test's own by default.</param>
    public static async Task<Ended> RunAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, IReadOnlyList<string>? wrapper = null, string? program = null)
    {
        string[] command = [.. wrapper ?? [], "dotnet", Path.Combine(program ?? AppContext.BaseDirectory, "TaskGrpc.Server.dll"), .. arguments];
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

    /// <summary>How the program ended, and what it wrote.</summary>
    public sealed record Ended(int ExitCode, string Output, string Error);
}
