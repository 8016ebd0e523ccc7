namespace TaskGrpc.Server.Ledger;

/// <summary>A thread that commits the batches of lane after lane.</summary>
internal sealed class LaneWorker : IDisposable
{
    private readonly LaneQueue _queue;
    private readonly BatchCommitter _committer;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LaneWorker(int number, LaneQueue queue, BatchCommitter committer, ILogger logger)
    {
        (_queue, _committer, _logger) = (queue, committer, logger);
        _thread = new Thread(Run) { Name = $"commit lane {number}", IsBackground = true };
    }

    /// <summary>Completes once everything that was queued has been committed, after the queue was completed.</summary>
    public Task Ended => _ended.Task;

    public void Start() => _thread.Start();

    public void Dispose()
    {
        // A thread that waits for a silent database is left to the end of the process.
        if (!_thread.IsAlive || _thread.Join(TimeSpan.FromSeconds(5)))
        {
            _committer.Dispose();
        }
    }

    private void Run()
    {
        var batch = new List<LedgerCommand>();
        while (_queue.Take(batch) is { } lane)
        {
            try
            {
                _committer.Commit(lane.Name, batch);
            }
            catch (Exception exception)
            {
                // A mistake of ours must not end the thread, and with it every commit to come.
                _logger.LaneFailed(exception, batch.Count);
                _committer.Drop();
                StoreFaults.RefuseAll(batch, StoreFaults.OutcomeUnknown());
            }

            batch.Clear();
            _queue.Return(lane);
        }

        _ended.SetResult();
    }
}
