namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>
/// Commands that are committed one batch after the other. Their organizations take turns, command by command, so that a command waits
/// behind at most one of each other organization. Guarded by its queue.
/// </summary>
internal sealed class Lane(string name)
{
    private readonly Dictionary<string, Turn> _turns = [];
    private readonly Queue<Turn> _line = [];
    private readonly List<Turn> _sated = [];

    public string Name { get; } = name;

    public bool IsTaken { get; set; }

    public bool IsEmpty => _line.Count == 0;

    /// <summary>How long its next commit waits for another session that holds the organization's lock; null for the first try.</summary>
    public TimeSpan? Patience { get; set; }

    /// <summary>The number and the bytes of an organization's waiting commands.</summary>
    public (int Count, long Bytes) WaitingOf(string organizationId) =>
        _turns.TryGetValue(organizationId, out var turn) ? (turn.Waiting.Count, turn.Bytes) : default;

    public void Add(LedgerCommand command)
    {
        var organizationId = command.Caller.OrganizationId;
        if (!_turns.TryGetValue(organizationId, out var turn))
        {
            _turns[organizationId] = turn = new Turn(organizationId);
            _line.Enqueue(turn);
        }

        turn.Waiting.Enqueue(command);
        turn.Bytes += command.Size;
    }

    /// <summary>Puts commands of one organization back in front of its later ones.</summary>
    public void PutBack(IReadOnlyList<LedgerCommand> commands)
    {
        var later = _turns.Remove(commands[0].Caller.OrganizationId, out var turn) ? turn.Waiting.ToArray() : [];
        if (turn is not null)
        {
            // Only a lane of one organization can be held.
            _line.Clear();
        }

        foreach (var command in commands.Concat(later))
        {
            Add(command);
        }
    }

    /// <summary>Moves commands to a batch, in turns, up to one of the bounds.</summary>
    /// <param name="batch">The empty batch.</param>
    /// <param name="most">The most commands.</param>
    /// <param name="mostOfOne">The most commands of one organization.</param>
    /// <param name="mostBytes">The size at which it takes no more.</param>
    /// <returns>The size of the moved commands.</returns>
    public long MoveTo(List<LedgerCommand> batch, int most, int mostOfOne, long mostBytes)
    {
        var size = 0L;
        while (batch.Count < most && size < mostBytes && _line.TryDequeue(out var turn))
        {
            var command = turn.Waiting.Dequeue();
            turn.Bytes -= command.Size;
            turn.Taken++;
            size += command.Size;
            batch.Add(command);
            if (turn.Waiting.Count == 0)
            {
                _turns.Remove(turn.OrganizationId);
            }
            else if (turn.Taken < mostOfOne)
            {
                _line.Enqueue(turn);
            }
            else
            {
                _sated.Add(turn);
            }
        }

        _sated.ForEach(_line.Enqueue);
        _sated.Clear();
        foreach (var turn in _line)
        {
            turn.Taken = 0;
        }

        return size;
    }

    /// <summary>The waiting commands of one organization.</summary>
    private sealed class Turn(string organizationId)
    {
        public string OrganizationId { get; } = organizationId;

        public Queue<LedgerCommand> Waiting { get; } = [];

        public long Bytes { get; set; }

        /// <summary>How many of its commands are in the present batch.</summary>
        public int Taken { get; set; }
    }
}
