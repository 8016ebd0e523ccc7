namespace TaskGrpc.Load.Measuring;

/// <summary>Waits for what nobody tells.</summary>
internal static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="reached">What is waited for.</param>
    /// <param name="meanwhileAsync">What is done as long as it is not reached; null for nothing.</param>
    public static async Task UntilAsync(Func<bool> reached, Func<Task>? meanwhileAsync = null)
    {
        using var timer = new PeriodicTimer(Pause);
        while (!reached())
        {
            await (meanwhileAsync?.Invoke() ?? Task.CompletedTask);
            await timer.WaitForNextTickAsync();
        }
    }
}
