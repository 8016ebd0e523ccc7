using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Resources.Statistics;

/// <summary>
/// Runs long reads of SQLite, which take a processor each, on threads of their own. They are few, and where the system can do that, they
/// leave the processors to commits and short reads: a count of a million rows took a fifth of the creates.
/// </summary>
internal sealed partial class QuietReads : TaskScheduler, IDisposable
{
    /// <summary>Behind threads of the usual niceness, 0, such a thread gets a third of what each of them gets.</summary>
    public const int Niceness = 5;

    private const int CallingThread = 0;

    private readonly int _most = Math.Max(2, Environment.ProcessorCount);
    private readonly SemaphoreSlim _places;
    private readonly BlockingCollection<Task> _reads = [];
    private int _threads;

    public QuietReads() => _places = new SemaphoreSlim(_most);

    public override int MaximumConcurrencyLevel => _most;

    /// <summary>Rents a reader once a thread is free, and reads on that thread.</summary>
    public async Task<T> ReadAsync<T>(TaskStore store, string organizationId, Func<StoreReader, T> read, CancellationToken ended)
    {
        await _places.WaitAsync(ended);
        try
        {
            using var rented = await store.RentAsync(organizationId, ended);
            var reader = rented.Reader;
            // What follows the read belongs to threads of the usual priority.
            return await Task.Factory.StartNew(
                () => reader.Interruptible(() => read(reader), ended), ended, TaskCreationOptions.RunContinuationsAsynchronously, this);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose()
    {
        _reads.CompleteAdding();
        _places.Dispose();
    }

    protected override void QueueTask(Task task)
    {
        if (Volatile.Read(ref _threads) < _most && Interlocked.Increment(ref _threads) <= _most)
        {
            new Thread(Run) { Name = "quiet reads", IsBackground = true }.Start();
        }

        _reads.Add(task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [.. _reads];

    private void Run()
    {
        if (OperatingSystem.IsLinux())
        {
            // Linux keeps a niceness for each thread, and .NET's priorities do nothing there. Where it is refused, nothing is lost.
            _ = SetPriority(which: 0, CallingThread, Niceness);
        }

        foreach (var read in _reads.GetConsumingEnumerable())
        {
            TryExecuteTask(read);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int niceness);
}
