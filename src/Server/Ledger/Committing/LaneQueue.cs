using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// The commands that wait, in lanes. Lanes with something in them take turns, and each is in one worker's hands at a time: what is in
/// it is committed in order. Bounded in commands and in bytes, altogether and for each organization.
/// </summary>
/// <param name="options">The bounds.</param>
/// <param name="isShared">Whether organizations share a lane. Then each gets a part of a commit only, so that another's next one is not far.</param>
internal sealed class LaneQueue(StorageOptions options, bool isShared) : IDisposable
{
    /// <summary>A commit that has taken this many bytes of requests is closed, so that nobody waits behind hundreds of large ones.</summary>
    private const int MostBatchBytes = 8 * 1024 * 1024;

    /// <summary>What part of the bytes that wait an organization may have.</summary>
    private const int PartOfBytes = 4;

    /// <summary>What part of a commit it may have where organizations share a lane. Measured: half as much costs a lone one up to a fifth of its rate, twice as much makes others wait a third longer.</summary>
    private const int PartOfCommit = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Lane> _lanes = [];
    private readonly Queue<Lane> _ready = [];
    private readonly HeldLanes _held = new();
    private readonly SemaphoreSlim _wake = new(0);
    private int _count;
    private long _bytes;
    private bool _completed;

    /// <summary>How many commands wait.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool IsCompleted
    {
        get
        {
            lock (_gate)
            {
                return _completed;
            }
        }
    }

    /// <summary>Puts a command at the end of its lane, unless too much waits already or nothing is taken any more.</summary>
    public QueueAnswer Add(string name, LedgerCommand command)
    {
        lock (_gate)
        {
            if (_completed)
            {
                return QueueAnswer.Completed;
            }

            var lane = _lanes.GetValueOrDefault(name);
            if (_count >= options.CommandQueue || _bytes + command.Size > options.CommandQueueBytes)
            {
                return QueueAnswer.Full;
            }

            if (lane?.WaitingOf(command.Caller.OrganizationId) is { Count: > 0 } waiting
                && (waiting.Count >= options.CommandQueuePerOrganization || waiting.Bytes + command.Size > options.CommandQueueBytes / PartOfBytes))
            {
                return QueueAnswer.FullForOrganization;
            }

            lane ??= _lanes[name] = new Lane(name);
            var isReady = lane.IsEmpty && !lane.IsTaken;
            lane.Add(command);
            _count++;
            _bytes += command.Size;
            if (!isReady)
            {
                return QueueAnswer.Taken;
            }

            Enqueue(lane);
        }

        _wake.Release();
        return QueueAnswer.Taken;
    }

    /// <summary>Waits for a lane that has something, and takes it with up to a batch of its commands; null once nothing will come any more.</summary>
    public Lane? Take(List<LedgerCommand> batch)
    {
        while (true)
        {
            _wake.Wait(_held.Rest);
            lock (_gate)
            {
                var isHeld = _held.TryTake(out var lane);
                if (isHeld || _ready.TryDequeue(out lane))
                {
                    lane!.IsTaken = true;
                    Fill(batch, lane);
                    if (isHeld ? _ready.Count > 0 : _held.Rest > Timeout.InfiniteTimeSpan)
                    {
                        // What this worker was woken for is another's now: a lane that is ready, or the wait for the next try of those
                        // that are held.
                        _wake.Release();
                    }

                    return lane;
                }

                if (_completed && _lanes.Count == 0)
                {
                    // The next worker is to see it too.
                    _wake.Release();
                    return null;
                }
            }
        }
    }

    /// <summary>Gives a lane back; with more in it, it stands at the end of the line.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="isHeld">Whether another session held its organization.</param>
    /// <param name="putBack">Those of the batch that are to be tried again.</param>
    public void Return(Lane lane, bool isHeld, IReadOnlyList<LedgerCommand> putBack)
    {
        lock (_gate)
        {
            lane.IsTaken = false;
            _held.Note(lane, isHeld);
            if (putBack.Count > 0)
            {
                lane.PutBack(putBack);
                _count += putBack.Count;
                _bytes += putBack.Sum(command => (long)command.Size);
            }

            if (!lane.IsEmpty)
            {
                Enqueue(lane);
            }
            else
            {
                _lanes.Remove(lane.Name);
                if (!_completed)
                {
                    return;
                }
            }
        }

        _wake.Release();
    }

    /// <summary>Takes nothing more; what waits is still handed out.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            _completed = true;
        }

        _wake.Release();
    }

    public void Dispose() => _wake.Dispose();

    private void Enqueue(Lane lane)
    {
        if (!_held.TryAdd(lane))
        {
            _ready.Enqueue(lane);
        }
    }

    private void Fill(List<LedgerCommand> batch, Lane lane)
    {
        _bytes -= lane.MoveTo(batch, options.CommitBatch, isShared ? Math.Max(1, options.CommitBatch / PartOfCommit) : options.CommitBatch, MostBatchBytes);
        _count -= batch.Count;
    }
}
