using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>The pause of a client after a failed call; without it the client would take processor time from the server.</summary>
internal static class BackOff
{
    /// <summary>R2: a healthy watch reaches the head soon after the fault.</summary>
    public static async Task ReachAsync(string watch, Func<long> progress, long head, TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        while (progress() < head)
        {
            Assert.False(late.IsCancellationRequested, $"{watch} has reached only {progress()} of {head}.");
            await WaitAsync();
        }
    }

    public static Task WaitAsync() => Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
}
