using System.Diagnostics.CodeAnalysis;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// The lanes whose organizations another session had locked at the last try. One worker at a time tries them, in turns and briefly, then
/// rests for as long as the try took, so that the others commit for free organizations. Guarded by its queue, except <see cref="Rest"/>.
/// </summary>
internal sealed class HeldLanes
{
    /// <summary>
    /// How long the first such try waits for the lock. Each further try of a lane waits twice as long, up to
    /// <see cref="StorageOptions.FirstWait"/>.
    /// </summary>
    private static readonly TimeSpan FirstTry = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(2);

    /// <summary>The most organizations to remember. If one is forgotten, its next commit waits FirstWait again.</summary>
    private const int MostRemembered = 10_000;

    private readonly Dictionary<string, TimeSpan> _waits = [];
    private readonly Queue<Lane> _waiting = [];
    private Lane? _tried;
    private long _began;
    private long _ended;
    private TimeSpan _rest;
    private volatile bool _isDue;

    /// <summary>How long an idle worker waits for the next try; infinite if there is none.</summary>
    public TimeSpan Rest => !_isDue ? Timeout.InfiniteTimeSpan
        : TimeProvider.System.GetElapsedTime(Volatile.Read(ref _ended)) is var rested && rested < _rest ? _rest - rested
        : TimeSpan.Zero;

    /// <summary>Adds a lane with waiting commands if its organization was locked at the last try.</summary>
    public bool TryAdd(Lane lane)
    {
        lane.Patience = _waits.TryGetValue(lane.Name, out var wait) ? wait : null;
        if (lane.Patience is null)
        {
            return false;
        }

        _waiting.Enqueue(lane);
        _isDue = _tried is null;
        return true;
    }

    /// <summary>Returns the next lane to try, unless another try runs or it is too early.</summary>
    public bool TryTake([NotNullWhen(true)] out Lane? lane)
    {
        if (Rest != TimeSpan.Zero || !_waiting.TryDequeue(out lane))
        {
            lane = null;
            return false;
        }

        // A round over all lanes takes at most twice FirstWait, so that none waits long for its turn.
        var share = StorageOptions.FirstWait / (_waiting.Count + 1);
        lane.Patience = lane.Patience < share ? lane.Patience : share > Shortest ? share : Shortest;
        (_tried, _began, _isDue) = (lane, TimeProvider.System.GetTimestamp(), false);
        return true;
    }

    /// <summary>Records whether a lane's commit found its organization locked.</summary>
    public void Note(Lane lane, bool isHeld)
    {
        if (_tried == lane)
        {
            _rest = isHeld ? TimeProvider.System.GetElapsedTime(_began) : TimeSpan.Zero;
            Volatile.Write(ref _ended, TimeProvider.System.GetTimestamp());
            (_tried, _isDue) = (null, _waiting.Count > 0);
        }

        if (!isHeld)
        {
            _waits.Remove(lane.Name);
        }
        else if (_waits.TryGetValue(lane.Name, out var wait))
        {
            _waits[lane.Name] = wait * 2 < StorageOptions.FirstWait ? wait * 2 : StorageOptions.FirstWait;
        }
        else
        {
            if (_waits.Count >= MostRemembered)
            {
                _waits.Clear();
            }

            _waits[lane.Name] = FirstTry;
        }
    }
}
