using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using TaskGrpc.Client;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>A server in its own process, which a test can kill and restart on the same data, or run under strace.</summary>
public sealed class ServerProcess(
    string dataDirectory, IReadOnlyList<string>? wrapper = null, IReadOnlyDictionary<string, string>? settings = null) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly int _port = LoopbackPort.Free();
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public int ExitCode => _process!.ExitCode;

    /// <summary>The lines that the process has written so far; all of them once it has exited.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>The resident memory of the process.</summary>
    public long ResidentBytes
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The server's own process, below the wrapper.</summary>
    private int ServerId =>
        wrapper is null
        ? _process!.Id
        : int.Parse(File.ReadAllText($"/proc/{_process!.Id}/task/{_process.Id}/children").Trim(), CultureInfo.InvariantCulture);

    /// <summary>Starts the process and waits until it listens.</summary>
    public async Task StartAsync(string? faultPoint = null)
    {
        Assert.True(await TryStartAsync(faultPoint),
            $"The server has exited instead of starting. It wrote:{Environment.NewLine}{string.Join(Environment.NewLine, Output)}");
    }

    /// <summary>Starts the process; false if it exited instead of listening.</summary>
    public async Task<bool> TryStartAsync(string? faultPoint = null)
    {
        string[] command = [.. wrapper ?? [], "dotnet", Path.Combine(AppContext.BaseDirectory, "TaskGrpc.Server.dll")];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Kestrel__Endpoints__Grpc__Url"] = Address.ToString();
        start.Environment["Kestrel__Endpoints__Grpc__Protocols"] = "Http2";
        start.Environment["Kestrel__Endpoints__Http__Url"] = "http://127.0.0.1:0";
        start.Environment["Kestrel__Endpoints__Http__Protocols"] = "Http1";
        start.Environment["Storage__DataDirectory"] = dataDirectory;
        // Tests need the full rate.
        start.Environment["Limits__RequestsPerSecond"] = "0";
        start.Environment["Limits__RequestsPerSecondBesideOthers"] = "0";
        start.Environment["TASKGRPC_FAULT_POINT"] = faultPoint ?? "";
        foreach (var (key, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        _process?.Dispose();
        _process = Process.Start(start)!;
        // Continued on another thread: the waiting test may dispose the process, and Dispose waits for the reader of its output.
        var started = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => started.TrySetResult(false);
        _process.OutputDataReceived += (_, line) =>
        {
            Keep(line);
            if (line.Data?.Contains("Application started", StringComparison.Ordinal) == true)
            {
                started.TrySetResult(true);
            }
        };
        _process.ErrorDataReceived += (_, line) => Keep(line);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        return await started.Task.WaitAsync(Limit);
    }

    /// <summary>Waits until the process has written a line that contains this text.</summary>
    public async Task UntilSaidAsync(string part)
    {
        using var late = new CancellationTokenSource(Limit);
        while (!_output.Any(line => line.Contains(part, StringComparison.Ordinal)))
        {
            Assert.False(late.IsCancellationRequested, $"The server has not written '{part}'. It wrote:\n{string.Join('\n', _output)}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Sends SIGKILL: the server flushes nothing and notifies no client.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await ExitedAsync();
    }

    /// <summary>Sends a signal, SIGTERM by default, on which the server drains and exits. Returns how long that took.</summary>
    public async Task<TimeSpan> TerminateAsync(string signal = "TERM")
    {
        var began = TimeProvider.System.GetTimestamp();
        await SignalAsync(signal);
        await ExitedAsync();
        return TimeProvider.System.GetElapsedTime(began);
    }

    /// <summary>Sends SIGSTOP: the kernel still accepts connections and bytes, and the server does not read them.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Sends SIGCONT: the server continues.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    public async Task ExitedAsync() => await _process!.WaitForExitAsync().WaitAsync(Limit);

    public TaskGrpcClient Client(string organization, string actor = "anna", int maxAttempts = 1, string type = "user") =>
        new(new TaskGrpcClientOptions
        {
            Address = Address,
            MaxAttempts = maxAttempts,
            Metadata = new Metadata { { "x-organization-id", organization }, { "x-actor-id", actor }, { "x-actor-type", type } },
        });

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            // Kills the wrapper's child processes too.
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process?.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{ServerId}"]);
        await kill.WaitForExitAsync();
    }

    private void Keep(DataReceivedEventArgs line)
    {
        if (line.Data is { } text)
        {
            _output.Enqueue(text);
        }
    }
}
