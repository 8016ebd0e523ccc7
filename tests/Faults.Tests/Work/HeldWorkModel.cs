using TaskGrpc.V1;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>
/// What workers can do with board tasks, or with task executions, in the plainest words. Each call of it returns why the server must
/// refuse; null if it must not.
/// </summary>
/// <param name="isBoard">Whether it is of board tasks.</param>
/// <param name="mostExpired">How many leases of a board task may expire.</param>
internal sealed class HeldWorkModel(bool isBoard, int mostExpired)
{
    internal enum Stage
    {
        Open,
        Working,
        Done,
        Failed,
        Canceled,
    }

    public List<Item> Items { get; } = [];

    /// <summary>The ids that the next claim must return, in their order.</summary>
    public List<string> Next(int most) => [.. Items.Where(IsReady)
        .OrderBy(item => isBoard ? item.Priority : 0).ThenBy(item => item.Number).Take(most).Select(item => item.Id)];

    public void Claimed(string id, string token)
    {
        var item = Items.Single(item => item.Id == id);
        (item.Stage, item.Token) = (Stage.Working, token);
        item.Tokens.Add(token);
        item.ClaimCount++;
    }

    /// <summary>A Transition to the end of the work, by an AGENT; without a token it is empty.</summary>
    public ErrorReason? Finish(Item item, string token)
    {
        if (Refused(item, token) is { } reason)
        {
            return reason;
        }

        if (item.Token is not null && token.Length == 0)
        {
            return ErrorReason.LeaseRequired;
        }

        if (item.Stage != Stage.Working)
        {
            return ErrorReason.InvalidTransition;
        }

        (item.Stage, item.Token) = (Stage.Done, null);
        return null;
    }

    public ErrorReason? Release(Item item, string token, bool isForLater)
    {
        if (Refused(item, token) is { } reason)
        {
            return reason;
        }

        GiveBack(item, Stage.Open);
        item.IsAsleep |= isForLater;
        return null;
    }

    public ErrorReason? RequestCancel(Item item)
    {
        if (item.IsDeleted)
        {
            return ErrorReason.ResourceNotFound;
        }

        if (item.Token is not null)
        {
            item.IsCancelRequested = true;
            return null;
        }

        // A board task has no CANCELED.
        if (isBoard || item.Stage != Stage.Open)
        {
            return ErrorReason.InvalidTransition;
        }

        item.Stage = Stage.Canceled;
        return null;
    }

    /// <summary>An Update of the priority by a USER.</summary>
    public ErrorReason? Prioritize(Item item, int priority)
    {
        if (item.IsDeleted)
        {
            return ErrorReason.ResourceNotFound;
        }

        (item.Priority, item.ExpiredLeases) = (priority, 0);
        return null;
    }

    public ErrorReason? Delete(Item item)
    {
        if (item.IsDeleted)
        {
            return ErrorReason.ResourceNotFound;
        }

        (item.IsDeleted, item.Token) = (true, null);
        return null;
    }

    /// <summary>Makes a board task wait for an older one, so that no cycle comes about.</summary>
    public static ErrorReason? Block(Item blocked, Item blocker) =>
        blocked.IsDeleted || blocker.IsDeleted ? ErrorReason.ResourceNotFound
        : blocked.Blockers.Add(blocker) ? null : ErrorReason.BlockerExists;

    /// <summary>The leases of all expire.</summary>
    public void ExpireAll()
    {
        foreach (var item in Items.Where(item => item.Token is not null))
        {
            item.ExpiredLeases++;
            GiveBack(item, isBoard ? Stage.Open : Stage.Failed);
        }
    }

    /// <summary>The end of a lease: a board task loses the request to cancel, and an execution follows it.</summary>
    private void GiveBack(Item item, Stage stage)
    {
        item.Token = null;
        item.Stage = item.IsCancelRequested && !isBoard ? Stage.Canceled : stage;
        item.IsCancelRequested &= !isBoard;
    }

    private bool IsReady(Item item) =>
        item is { IsDeleted: false, Stage: Stage.Open, Token: null, IsCancelRequested: false, IsAsleep: false }
        && item.ExpiredLeases < mostExpired && item.Blockers.All(blocker => blocker.IsDeleted || blocker.Stage == Stage.Done);

    private static ErrorReason? Refused(Item item, string token) =>
        item.IsDeleted ? ErrorReason.ResourceNotFound : token.Length > 0 && token != item.Token ? ErrorReason.LeaseLost : null;

    /// <param name="number">The order of its creation.</param>
    /// <param name="id">Its id.</param>
    internal sealed class Item(int number, string id)
    {
        public int Number => number;

        public string Id => id;

        public int Priority { get; set; }

        public Stage Stage { get; set; }

        /// <summary>The token of its lease; null without one.</summary>
        public string? Token { get; set; }

        /// <summary>The tokens of all its leases, ended ones too.</summary>
        public List<string> Tokens { get; } = [];

        /// <summary>What must be done first.</summary>
        public HashSet<Item> Blockers { get; } = [];

        public int ClaimCount { get; set; }

        public int ExpiredLeases { get; set; }

        public bool IsCancelRequested { get; set; }

        /// <summary>Whether it waits for its not_before.</summary>
        public bool IsAsleep { get; set; }

        public bool IsDeleted { get; set; }
    }
}
