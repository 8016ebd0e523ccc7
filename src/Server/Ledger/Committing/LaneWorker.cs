namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>A thread that takes lanes from the queue and commits their batches.</summary>
internal sealed class LaneWorker : IDisposable
{
    private readonly LaneQueue _queue;
    private readonly BatchCommitter _committer;
    private readonly ILogger _logger;
    private readonly bool _opensAhead;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="number">The number in its thread's name.</param>
    /// <param name="queue">The lanes.</param>
    /// <param name="committer">Commits the batches.</param>
    /// <param name="logger">The log for failures.</param>
    /// <param name="opensAhead">Whether it opens its connection while the server starts; other workers do so at their first batch.</param>
    public LaneWorker(int number, LaneQueue queue, BatchCommitter committer, ILogger logger, bool opensAhead)
    {
        (_queue, _committer, _logger, _opensAhead) = (queue, committer, logger, opensAhead);
        _thread = new Thread(Run) { Name = $"commit lane {number}", IsBackground = true };
    }

    /// <summary>Completes after the queue is completed and this worker has committed its last batch.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Completes once the connection is opened ahead; if that fails, it fails and the thread ends.</summary>
    public Task Opened => _opened.Task;

    public void Start() => _thread.Start();

    public void Dispose()
    {
        // A thread that waits for a silent database runs until the process ends.
        if (!_thread.IsAlive || _thread.Join(TimeSpan.FromSeconds(5)))
        {
            _committer.Dispose();
        }
    }

    private void Run()
    {
        if (_opensAhead && !OpenAhead())
        {
            _ended.SetResult();
            return;
        }

        var batch = new List<LedgerCommand>();
        while (_queue.Take(batch) is { } lane)
        {
            IReadOnlyList<LedgerCommand> held = [];
            try
            {
                held = _committer.Commit(lane.Name, batch, lane.Patience);
            }
            catch (Exception exception)
            {
                // A bug must not end the thread, and with it all later commits.
                _logger.LaneFailed(exception, batch.Count);
                _committer.Drop();
                StoreFaults.RefuseAll(batch, StoreFaults.OutcomeUnknown());
            }

            _queue.Return(lane, _committer.IsHeld, held);
            batch.Clear();
        }

        _ended.SetResult();
    }

    private bool OpenAhead()
    {
        try
        {
            _committer.Open();
            _opened.SetResult();
            return true;
        }
        catch (Exception exception)
        {
            _opened.SetException(exception);
            return false;
        }
    }
}
