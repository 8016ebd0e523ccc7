using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>The pause of a client that found nobody at home; a client without one would take the server's own processor time.</summary>
internal static class BackOff
{
    /// <summary>R2: a healthy watch reaches the head soon after the fault.</summary>
    public static async Task ReachAsync(string watch, Func<long> progress, long head, TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        while (progress() < head)
        {
            Assert.False(late.IsCancellationRequested, $"{watch} has come to {progress()} of {head} only.");
            await WaitAsync();
        }
    }

    public static Task WaitAsync() => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
}
