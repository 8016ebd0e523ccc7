using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using TaskGrpc.Faults.Tests.History;
using Xunit;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>A worker in its own process (tests/TestWorker), and what it has printed of its leases.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly string _organization;
    private readonly string _name;
    private readonly Process _process;
    private readonly ConcurrentQueue<HistoryEntry> _history = [];

    public WorkerProcess(Uri server, string organization, string name, TimeSpan lease, TimeSpan work)
    {
        (_organization, _name) = (organization, name);
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "TaskGrpc.TestWorker.dll"), server.ToString(), organization, name,
            $"{lease.TotalSeconds:F0}", $"{work.TotalMilliseconds:F0}",
        ];
        _process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
    }

    /// <summary>What it has received and written so far.</summary>
    public IReadOnlyCollection<HistoryEntry> History => _history;

    /// <summary>Waits until it holds a task; returns the task's id.</summary>
    public async Task<string> UntilHoldsAsync()
    {
        using var late = new CancellationTokenSource(Limit);
        while (true)
        {
            if (_history.LastOrDefault() is ClaimEntry claim)
            {
                return claim.Id;
            }

            Assert.False(late.IsCancellationRequested, $"{_name} has claimed nothing.");
            await BackOff.WaitAsync();
        }
    }

    /// <summary>Sends a signal.</summary>
    /// <param name="signal">KILL, STOP or CONT.</param>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits until it was refused a write of a lost lease.</summary>
    public async Task UntilRefusedAsync()
    {
        using var late = new CancellationTokenSource(Limit);
        while (!_history.Any(entry => entry is HeldWriteEntry { Outcome: CallOutcome.Refused }))
        {
            Assert.False(late.IsCancellationRequested, $"{_name} has not noticed that it lost its lease.");
            await BackOff.WaitAsync();
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line?.Split(' ') is [var what, var id, var token, var end])
        {
            _history.Enqueue(what switch
            {
                "claimed" => new ClaimEntry(_organization, _name, id, long.Parse(end, CultureInfo.InvariantCulture), token),
                "finished" => new HeldWriteEntry(_organization, id, token, CallOutcome.Acknowledged, end, 0),
                _ => new HeldWriteEntry(
                    _organization, id, token, CallOutcome.Refused, "", long.Parse(end, CultureInfo.InvariantCulture)),
            });
        }
    }
}
