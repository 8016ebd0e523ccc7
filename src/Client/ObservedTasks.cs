namespace TaskGrpc.Client;

/// <summary>Tasks whose failure may stay unobserved.</summary>
internal static class ObservedTasks
{
    private const TaskContinuationOptions OnFailure = TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously;

    /// <summary>
    /// The same task. If its caller never awaits it, its failure does not raise <see cref="TaskScheduler.UnobservedTaskException"/>.
    /// </summary>
    public static Task<T> Observed<T>(this Task<T> task)
    {
        ((Task)task).Observed();
        return task;
    }

    /// <summary>The same for a task without a result.</summary>
    public static Task Observed(this Task task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            task.ContinueWith(static failed => failed.Exception, CancellationToken.None, OnFailure, TaskScheduler.Default);
        }

        return task;
    }
}
