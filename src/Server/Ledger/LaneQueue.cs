using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger;

/// <summary>
/// The commands that wait, in lanes. Lanes with something in them take turns, and each is in one worker's hands at a time: what is in
/// it is committed in order. Bounded in commands and in bytes.
/// </summary>
internal sealed class LaneQueue(StorageOptions options) : IDisposable
{
    /// <summary>A commit that has taken this many bytes of requests is closed, so that nobody waits behind hundreds of large ones.</summary>
    private const int MostBatchBytes = 8 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Lane> _lanes = [];
    private readonly Queue<Lane> _ready = [];
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

    /// <summary>Puts a command at the end of its lane; false if too much waits already, or nothing is taken any more.</summary>
    public bool TryAdd(string name, LedgerCommand command)
    {
        lock (_gate)
        {
            if (_completed || _count >= options.CommandQueue || _bytes + command.Size > options.CommandQueueBytes)
            {
                return false;
            }

            if (!_lanes.TryGetValue(name, out var lane))
            {
                _lanes[name] = lane = new Lane(name);
            }

            lane.Waiting.Enqueue(command);
            _count++;
            _bytes += command.Size;
            if (lane.IsTaken || lane.Waiting.Count > 1)
            {
                return true;
            }

            _ready.Enqueue(lane);
        }

        _wake.Release();
        return true;
    }

    /// <summary>Waits for a lane that has something, and takes it with up to a batch of its commands; null once nothing will come any more.</summary>
    public Lane? Take(List<LedgerCommand> batch)
    {
        while (true)
        {
            _wake.Wait();
            lock (_gate)
            {
                if (_ready.TryDequeue(out var lane))
                {
                    lane.IsTaken = true;
                    Fill(batch, lane);
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
    public void Return(Lane lane)
    {
        lock (_gate)
        {
            lane.IsTaken = false;
            if (lane.Waiting.Count > 0)
            {
                _ready.Enqueue(lane);
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

    private void Fill(List<LedgerCommand> batch, Lane lane)
    {
        var size = 0;
        while (batch.Count < options.CommitBatch && size < MostBatchBytes && lane.Waiting.TryDequeue(out var command))
        {
            _count--;
            _bytes -= command.Size;
            size += command.Size;
            batch.Add(command);
        }
    }

    /// <summary>Commands that are committed one batch after the other.</summary>
    internal sealed class Lane(string name)
    {
        public string Name { get; } = name;

        public Queue<LedgerCommand> Waiting { get; } = [];

        public bool IsTaken { get; set; }
    }
}
