using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaskGrpc.Load.Subjects;

/// <summary>A process that prints 'ready' and then a line for each job. It can be stopped and continued.</summary>
internal sealed class WorkerProcess : Subject
{
    private readonly int _id;

    private WorkerProcess(Process process)
        : base(process, new Uri("none:"), null) => _id = process.Id;

    /// <summary>Its lines so far.</summary>
    public ConcurrentQueue<string> Lines { get; } = [];

    public static async Task<WorkerProcess> StartAsync(string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var worker = new WorkerProcess(process);
        if (await process.StandardOutput.ReadLineAsync() != "ready")
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} did not start; its error is above.");
        }

        _ = worker.ReadAsync(process.StandardOutput);
        return worker;
    }

    /// <summary>Stops it for the given time, with SIGSTOP and SIGCONT.</summary>
    public async Task FreezeAsync(TimeSpan time)
    {
        await SignalAsync("-STOP");
        await Task.Delay(time, TimeProvider.System);
        await SignalAsync("-CONT");
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{_id}"]);
        await kill.WaitForExitAsync();
    }

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            Lines.Enqueue(line);
        }
    }
}
