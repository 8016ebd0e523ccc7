using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>A claim that waits in a line.</summary>
/// <param name="matches">Whether a resource is ready for this claim.</param>
internal sealed class ClaimWaiter(Func<IResource, bool> matches)
{
    private volatile bool _hasTurn;
    private volatile bool _isAsleep;

    public Func<IResource, bool> Matches { get; } = matches;

    public WakeUp WakeUp { get; } = new();

    /// <summary>Whether it has tried to claim and waits now.</summary>
    public bool IsAsleep
    {
        get => _isAsleep;
        set => _isAsleep = value;
    }

    /// <summary>Whether something has become ready for it that it has not claimed yet.</summary>
    public bool HasTurn
    {
        get => _hasTurn;
        set => _hasTurn = value;
    }
}
