namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>A thread that commits the batches of lane after lane.</summary>
internal sealed class LaneWorker : IDisposable
{
    private readonly LaneQueue _queue;
    private readonly BatchCommitter _committer;
    private readonly ILogger _logger;
    private readonly bool _opensAhead;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="number">Tells its thread from others.</param>
    /// <param name="queue">The lanes.</param>
    /// <param name="committer">What it commits with.</param>
    /// <param name="logger">Where failures are told.</param>
    /// <param name="opensAhead">Whether it opens its connection while the server starts; the others open theirs when there is work for them.</param>
    public LaneWorker(int number, LaneQueue queue, BatchCommitter committer, ILogger logger, bool opensAhead)
    {
        (_queue, _committer, _logger, _opensAhead) = (queue, committer, logger, opensAhead);
        _thread = new Thread(Run) { Name = $"commit lane {number}", IsBackground = true };
    }

    /// <summary>Completes once everything that was queued has been committed, after the queue was completed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Completes once the connection that is opened ahead is open; fails if it cannot be, and the thread has ended then.</summary>
    public Task Opened => _opened.Task;

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
                // A mistake of ours must not end the thread, and with it every commit to come.
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
