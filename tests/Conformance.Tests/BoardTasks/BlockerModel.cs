using TaskGrpc.V1;
using static TaskGrpc.V1.BoardTaskStatus;

namespace TaskGrpc.Conformance.Tests.BoardTasks;

/// <summary>
/// What a board with blockers does, in the plainest words. Each call of it returns why the server must refuse; null if it must not.
/// </summary>
internal sealed class BlockerModel(int count)
{
    private static readonly HashSet<(BoardTaskStatus From, BoardTaskStatus To)> Moves =
    [
        (Backlog, Assigned), (Assigned, Backlog), (Assigned, Running), (Running, Assigned), (Running, Review), (Running, Done),
        (Review, Running), (Review, Done), (Done, Backlog),
    ];

    private readonly HashSet<(int Blocked, int Blocker)> _edges = [];

    public BoardTaskStatus[] Statuses { get; } = [.. Enumerable.Repeat(Backlog, count)];

    public bool[] Deleted { get; } = new bool[count];

    /// <summary>The token under which each task is held; null for none.</summary>
    public string?[] Tokens { get; } = new string?[count];

    public IEnumerable<int> Blockers(int blocked) => _edges.Where(edge => edge.Blocked == blocked).Select(edge => edge.Blocker);

    public int OpenBlockers(int blocked) => Blockers(blocked).Count(blocker => Statuses[blocker] != Done);

    public bool IsReady(int task) =>
        !Deleted[task] && Tokens[task] is null && Statuses[task] is Backlog or Assigned && OpenBlockers(task) == 0;

    public ErrorReason? Add(int blocked, int blocker)
    {
        if (Deleted[blocked] || Deleted[blocker])
        {
            return ErrorReason.ResourceNotFound;
        }

        if (_edges.Contains((blocked, blocker)))
        {
            return ErrorReason.BlockerExists;
        }

        if (IsAbove(blocked, blocker))
        {
            return ErrorReason.BlockerCycle;
        }

        _edges.Add((blocked, blocker));
        return null;
    }

    public ErrorReason? Remove(int blocked, int blocker) => _edges.Remove((blocked, blocker)) ? null : ErrorReason.ResourceNotFound;

    public ErrorReason? Move(int task, BoardTaskStatus to)
    {
        if (Deleted[task])
        {
            return ErrorReason.ResourceNotFound;
        }

        if (!Moves.Contains((Statuses[task], to)))
        {
            return ErrorReason.InvalidTransition;
        }

        (Statuses[task], Tokens[task]) = (to, to == Running ? Tokens[task] : null);
        return null;
    }

    public ErrorReason? Delete(int task)
    {
        if (Deleted[task])
        {
            return ErrorReason.ResourceNotFound;
        }

        (Deleted[task], Tokens[task]) = (true, null);
        _edges.RemoveWhere(edge => edge.Blocked == task || edge.Blocker == task);
        return null;
    }

    public void Claim(int task, string token) => (Statuses[task], Tokens[task]) = (Running, token);

    public ErrorReason? Release(int task)
    {
        if (Deleted[task] || Tokens[task] is null)
        {
            return Deleted[task] ? ErrorReason.ResourceNotFound : ErrorReason.LeaseLost;
        }

        (Statuses[task], Tokens[task]) = (Assigned, null);
        return null;
    }

    /// <summary>Whether a task is another one or blocks it, directly or through others.</summary>
    private bool IsAbove(int task, int other) => task == other || Blockers(other).Any(blocker => IsAbove(task, blocker));
}
