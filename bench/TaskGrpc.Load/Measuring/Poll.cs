namespace TaskGrpc.Load.Measuring;

/// <summary>Waits for a condition that has no notification.</summary>
internal static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="reached">The condition.</param>
    /// <param name="meanwhileAsync">Runs between two checks; null for nothing.</param>
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
