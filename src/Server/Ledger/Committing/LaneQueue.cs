using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// The waiting commands, in lanes. Lanes take turns, and one worker at a time takes a lane, so its commands are committed in order.
/// Bounded in commands and in bytes, in all and for each organization.
/// </summary>
/// <param name="options">The bounds.</param>
/// <param name="isShared">Whether organizations share a lane. If so, each gets only a part of a commit, so that others wait less.</param>
internal sealed class LaneQueue(StorageOptions options, bool isShared) : IDisposable
{
    /// <summary>A commit takes no more commands at this many bytes, so that none waits behind hundreds of large ones.</summary>
    private const int MostBatchBytes = 8 * 1024 * 1024;

    /// <summary>An organization may use one part in this many of the queue's bytes.</summary>
    private const int PartOfBytes = 4;

    /// <summary>
    /// An organization may use one part in this many of a commit in a shared lane. Measured: half as much costs a lone organization up to
    /// a fifth of its rate; twice as much makes others wait a third longer.
    /// </summary>
    private const int PartOfCommit = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Lane> _lanes = [];
    private readonly Queue<Lane> _ready = [];
    private readonly HeldLanes _held = new();
    private readonly SemaphoreSlim _wake = new(0);
    private int _count;
    private long _bytes;
    private bool _completed;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds a command at the end of its lane, unless a bound is reached or the queue is completed.</summary>
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
                && (waiting.Count >= options.CommandQueuePerOrganization
                    || waiting.Bytes + command.Size > options.CommandQueueBytes / PartOfBytes))
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

    /// <summary>Waits for a lane with commands and takes it with a batch of them; null once the queue is completed and empty.</summary>
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
                        // Pass the wake-up on: another worker takes the ready lane, or waits for the next try of a held one.
                        _wake.Release();
                    }

                    return lane;
                }

                if (_completed && _lanes.Count == 0)
                {
                    // Wake the next worker, which must end too.
                    _wake.Release();
                    return null;
                }
            }
        }
    }

    /// <summary>Returns a lane, which queues again at the end if it has more commands.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="isHeld">Whether another session held its organization's lock.</param>
    /// <param name="putBack">The commands of the batch to try again.</param>
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

    /// <summary>Accepts no more commands; workers still take the waiting ones.</summary>
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
        _bytes -= lane.MoveTo(
            batch, options.CommitBatch, isShared ? Math.Max(1, options.CommitBatch / PartOfCommit) : options.CommitBatch, MostBatchBytes);
        _count -= batch.Count;
    }
}
