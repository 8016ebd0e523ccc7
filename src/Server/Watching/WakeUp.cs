namespace TaskGrpc.Server.Watching;

/// <summary>
/// Wakes one watch. It carries no data: a woken watch reads the log. The watch rearms it before it reads, so that a change committed
/// between the read and the wait wakes the watch at once.
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

    // Continuations run elsewhere, because the signaling thread has other watches to wake.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
