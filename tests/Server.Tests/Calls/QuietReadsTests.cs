using System.Globalization;
using TaskGrpc.Server.Resources.Statistics;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>Long reads of SQLite have threads of their own, few and less urgent than those of commits.</summary>
public sealed class QuietReadsTests : IDisposable
{
    private readonly QuietReads _reads = new();

    public void Dispose() => _reads.Dispose();

    [Fact]
    public async Task A_read_Runs_behind_other_threads_and_what_follows_it_does_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a niceness for each thread.");

        Assert.Equal(QuietReads.Niceness, await RunAsync(Niceness));
        Assert.Equal(0, Niceness());
    }

    [Fact]
    public async Task Reads_Run_a_few_at_a_time()
    {
        var (running, most) = (0, 0);
        using var full = new CountdownEvent(_reads.MaximumConcurrencyLevel);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RunAsync(() =>
        {
            var now = Interlocked.Increment(ref running);
            for (var seen = most; now > seen; seen = most)
            {
                Interlocked.CompareExchange(ref most, now, seen);
            }

            // The first ones wait for each other, so that all threads are in use.
            if (!full.IsSet)
            {
                full.Signal();
            }

            full.Wait(TestContext.Current.CancellationToken);
            return Interlocked.Decrement(ref running);
        })));

        Assert.Equal(_reads.MaximumConcurrencyLevel, most);
    }

    private Task<T> RunAsync<T>(Func<T> read) => Task.Factory.StartNew(
        read, TestContext.Current.CancellationToken, TaskCreationOptions.RunContinuationsAsynchronously, _reads);

    /// <summary>The 19th field of the thread's line (proc(5)); the name in parentheses may have spaces.</summary>
    private static int Niceness()
    {
        var line = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(line[(line.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }
}
