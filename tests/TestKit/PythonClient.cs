using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>Debian's grpcio in its default settings: a client with limits other than our client's.</summary>
public static class PythonClient
{
    /// <summary>The system's own interpreter: Debian installs python3-grpcio for this one only.</summary>
    private const string Python = "/usr/bin/python3";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Makes a call and returns its refusal.</summary>
    public static async Task<Refused> CallAsync(Uri server, string method, byte[] request)
    {
        Assert.SkipUnless(File.Exists(Python) && (await RunAsync("-c", "import grpc")).Code == 0,
            "python3-grpcio is not installed; .ci/run installs it.");
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, request);
            var (code, lines) = await RunAsync(Path.Combine(AppContext.BaseDirectory, "raw_client.py"), server.Authority, method, file);
            Assert.True(code == 0 && lines.Length > 3, string.Join(Environment.NewLine, lines));
            return new Refused(lines[0], int.Parse(lines[1], CultureInfo.InvariantCulture),
                Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(lines[2])), lines[3]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<(int Code, string[] Lines)> RunAsync(params string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Limit);
        await process.WaitForExitAsync().WaitAsync(Limit);
        return (process.ExitCode, (output + await errors).Split('\n'));
    }

    /// <summary>The error as the client received it.</summary>
    /// <param name="Code">The name of the status code.</param>
    /// <param name="DetailsSize">The size of the details in base64.</param>
    /// <param name="Details">The details.</param>
    /// <param name="Message">The first line of the message.</param>
    public sealed record Refused(string Code, int DetailsSize, Google.Rpc.Status Details, string Message);
}
