using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>A claim that waits in a line.</summary>
/// <param name="matches">Whether a resource is ready for this claim.</param>
internal sealed class ClaimWaiter(Func<IResource, bool> matches)
{
    private IResource? _turn;
    private volatile bool _isAsleep;

    public Func<IResource, bool> Matches { get; } = matches;

    public WakeUp WakeUp { get; } = new();

    /// <summary>Whether it has tried to claim and waits now.</summary>
    public bool IsAsleep
    {
        get => _isAsleep;
        set => _isAsleep = value;
    }

    /// <summary>Whether something has become ready for it since it last took its turn.</summary>
    public bool HasTurn => Volatile.Read(ref _turn) is not null;

    /// <summary>Gives it the turn for a resource that has become ready, and wakes it.</summary>
    public void Give(IResource ready)
    {
        Volatile.Write(ref _turn, ready);
        WakeUp.Set();
    }

    /// <summary>
    /// Takes the turn, so that the waiter can be given another one from now on; null for none. A claim takes it before it looks: what
    /// becomes ready after its look gives a new turn.
    /// </summary>
    public IResource? TakeTurn() => Interlocked.Exchange(ref _turn, null);
}
