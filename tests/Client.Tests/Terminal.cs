using System.Diagnostics;
using System.Threading.Channels;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>
/// Runs the commands of a page in the repository's folder, against another server than the one that the page names, with buf curl in
/// place of grpcurl.
/// </summary>
internal sealed class Terminal : IDisposable
{
    /// <summary>A command may build a project while other tests hold the processors.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Passes grpcurl's arguments to buf curl. Bash reads it before it runs a command.</summary>
    private const string Grpcurl = """
        grpcurl() {
          local options=()
          while true; do
            case $1 in
              -plaintext) shift ;;
              -d|-H) options+=("$1" "$2"); shift 2 ;;
              *) break ;;
            esac
          done
          BUF curl --protocol grpc --http2-prior-knowledge "${options[@]}" "http://$1/$2"
        }

        """;

    /// <summary>Fails after the commands if they left a variable, a function, an exported value or another folder behind.</summary>
    private const string Unchanged = """
        state() { compgen -v; compgen -A function; env | grep -v '^_='; pwd; }
        code=0 before= after=; before=$(state)
        {
        BLOCK
        } || code=$?
        after=$(state)
        diff <(echo "${before/code=0/}") <(echo "${after/code=0/}") || { echo "The commands have changed the shell."; exit 1; }
        exit $code
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly IReadOnlyDictionary<string, string> _replacements;

    private Terminal(string buf, IReadOnlyDictionary<string, string> replacements)
    {
        _replacements = replacements;
        Environment["BASH_ENV"] = Path.Combine(_folder.Path, "grpcurl");
        File.WriteAllText(Environment["BASH_ENV"], Grpcurl.Replace("BUF", buf, StringComparison.Ordinal));
    }

    /// <summary>Set for every command.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <param name="replacements">What a test has in other places than the page: the server's address, folders.</param>
    public static async Task<Terminal> OpenAsync(params (string Shown, string Here)[] replacements)
    {
        foreach (var tool in (string[])["npx", "jq"])
        {
            var (found, _) = await RunAsync(Start("bash", "-c", $"command -v {tool}"));
            Assert.SkipUnless(found == 0, $"{tool} is not installed; .ci/run installs it.");
        }

        var (code, buf) = await RunAsync(Start("npx", "--yes", "-p", "@bufbuild/buf@1.75.0", "which", "buf"));
        Assert.True(code == 0, buf);
        return new Terminal(buf.Trim(), replacements.ToDictionary(pair => pair.Shown, pair => pair.Here));
    }

    /// <summary>Runs commands to their end, and holds that they leave the shell as they found it.</summary>
    public Task<(int Code, string Output)> RunAsync(string commands)
    {
        return RunAsync(Prepare("bash", "-c", Unchanged.Replace("BLOCK", Here(commands), StringComparison.Ordinal)));
    }

    /// <summary>Runs a command until it has written a line with this in it, then stops it as Ctrl+C does; returns its exit code.</summary>
    public async Task<int> RunUntilAsync(string command, string written)
    {
        using var process = Process.Start(Prepare("setsid", "bash", "-c", Here(command)))!;
        using var late = new CancellationTokenSource(Limit, TimeProvider.System);
        try
        {
            var lines = Channel.CreateUnbounded<string>();
            process.OutputDataReceived += (_, line) => lines.Writer.TryWrite(line.Data ?? "The command has ended.");
            process.ErrorDataReceived += (_, line) => lines.Writer.TryWrite(line.Data ?? "");
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var line = "";
            while (!line.Contains(written, StringComparison.Ordinal))
            {
                line = await lines.Reader.ReadAsync(late.Token);
                Assert.NotEqual("The command has ended.", line);
            }

            // Ctrl+C signals the whole group of processes.
            Assert.Equal(0, (await RunAsync(Start("bash", "-c", $"kill -INT -- -{process.Id}"))).Code);
            await process.WaitForExitAsync(late.Token);
            return process.ExitCode;
        }
        finally
        {
            End(process);
        }
    }

    public void Dispose() => _folder.Dispose();

    private string Here(string commands)
    {
        return _replacements.Aggregate(commands, (text, pair) => text.Replace(pair.Key, pair.Value, StringComparison.Ordinal));
    }

    private ProcessStartInfo Prepare(params string[] command)
    {
        var start = Start(command);
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    public static ProcessStartInfo Start(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = ShownPage.Root,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            // Of the build that may have started this test.
            start.Environment.Remove(name);
        }

        // No build server may outlive the test, and hold its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        return start;
    }

    public static async Task<(int Code, string Output)> RunAsync(ProcessStartInfo start)
    {
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
            End(process);
        }
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
