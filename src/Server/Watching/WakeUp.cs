namespace TaskGrpc.Server.Watching;

/// <summary>
/// Wakes one watch. It carries no data: who wakes reads the log. The watch rearms it before it reads, so that a change that is
/// committed between the read and the wait finds it armed and wakes at once.
/// </summary>
internal sealed class WakeUp
{
    private TaskCompletionSource _signal = NewSignal();

    /// <summary>Completes when the watch has a reason to look.</summary>
    public Task Signaled => Volatile.Read(ref _signal).Task;

    /// <summary>Whether changes that concern the watch were dispatched since it was rearmed. Guarded by its organization's tail.</summary>
    public bool HasNews { get; set; }

    public void Set() => Volatile.Read(ref _signal).TrySetResult();

    public void Rearm()
    {
        if (_signal.Task.IsCompleted)
        {
            Interlocked.Exchange(ref _signal, NewSignal());
        }
    }

    // Continuations run elsewhere: who signals has other watches to wake.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
