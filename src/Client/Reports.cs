using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>The newest progress that a handler has reported and no heartbeat has told. Older reports give way to newer ones.</summary>
internal sealed class Reports
{
    private readonly Lock _gate = new();
    private Progress? _newest;
    private TaskCompletionSource _arrival = New();

    /// <summary>Done when there is a report to tell.</summary>
    public Task Arrival
    {
        get
        {
            lock (_gate)
            {
                return _arrival.Task;
            }
        }
    }

    public void Add(Progress progress)
    {
        lock (_gate)
        {
            _newest = progress;
            _arrival.TrySetResult();
        }
    }

    /// <summary>The newest report; null if there is none.</summary>
    public Progress? Newest
    {
        get
        {
            lock (_gate)
            {
                return _newest;
            }
        }
    }

    /// <summary>The server has this report, or refuses it.</summary>
    public void Remove(Progress told)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_newest, told))
            {
                (_newest, _arrival) = (null, New());
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
