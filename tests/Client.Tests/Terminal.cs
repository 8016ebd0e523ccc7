using System.Diagnostics;
using System.Threading.Channels;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>
/// Runs a page's commands in the repository's folder, against the test's server instead of the page's, with buf curl instead of grpcurl.
/// </summary>
internal sealed class Terminal : IDisposable
{
    /// <summary>Long enough for a command that builds a project on a busy machine.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Passes grpcurl's arguments to buf curl. Bash sources it before each command.</summary>
    private const string Grpcurl = """
        grpcurl() {
          local scheme=https options=()
          while true; do
            case $1 in
              -plaintext) scheme=http; options+=(--http2-prior-knowledge); shift ;;
              -cacert|-cert|-key) options+=("-$1" "$2"); shift 2 ;;
              -d|-H) options+=("$1" "$2"); shift 2 ;;
              *) break ;;
            esac
          done
          BUF curl --protocol grpc "${options[@]}" "$scheme://$1/$2"
        }

        """;

    /// <summary>Fails after the commands if they left a variable, a function or an exported value, or changed the folder.</summary>
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

    /// <param name="replacements">What differs between the test and the page: the server's address, folders.</param>
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

    /// <summary>Runs commands to their end, and checks that they leave the shell unchanged.</summary>
    public Task<(int Code, string Output)> RunAsync(string commands)
    {
        return RunAsync(Prepare("bash", "-c", Unchanged.Replace("BLOCK", Here(commands), StringComparison.Ordinal)));
    }

    /// <summary>Runs a command until it writes a line that contains this text, then stops it like Ctrl+C; returns its exit code.</summary>
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

            // Ctrl+C signals the whole process group.
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
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            .ToArray())
        {
            // Set by the build that may have started this test.
            start.Environment.Remove(name);
        }

        // A build server would outlive the test and keep its output open.
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
