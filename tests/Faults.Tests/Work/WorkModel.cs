using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Faults.Tests.Work;

/// <summary>
/// What workers can do with agent tasks, in the plainest words. Each call of it returns why the server must refuse; null if it must not.
/// </summary>
internal sealed class WorkModel(int mostExpired)
{
    public List<Item> Items { get; } = [];

    /// <summary>The ids that the next claim must return, in their order.</summary>
    public List<string> Next(int most, string? type) => [.. Items
        .Where(item => IsReady(item) && (type is null || item.Type == type))
        .OrderBy(item => item.Priority).ThenBy(item => item.Number).Take(most).Select(item => item.Id)];

    public void Claimed(Lease lease)
    {
        var item = Items.Single(item => item.Id == lease.AgentTask.Id);
        item.Token = lease.LeaseToken;
        item.Tokens.Add(lease.LeaseToken);
        item.ClaimCount++;
        item.Status = item.Status == Queued ? item.IsDirect ? Executing : Planning : item.Status;
    }

    /// <summary>A Transition by an AGENT; without a token it is empty.</summary>
    public ErrorReason? Move(Item item, AgentTaskStatus to, string token)
    {
        if (item.IsDeleted)
        {
            return ErrorReason.ResourceNotFound;
        }

        if (Refused(item, token) is { } reason)
        {
            return reason;
        }

        if (item.Token is not null && token.Length == 0)
        {
            return ErrorReason.LeaseRequired;
        }

        var isOpen = to == Canceled ? item.Status is Queued or Planning or Executing or Blocked : item.Status == Executing;
        if (!isOpen)
        {
            return ErrorReason.InvalidTransition;
        }

        (item.Status, item.Token) = (to, null);
        return null;
    }

    public ErrorReason? Release(Item item, string token, bool isForLater)
    {
        if (item.IsDeleted)
        {
            return ErrorReason.ResourceNotFound;
        }

        if (Refused(item, token) is { } reason)
        {
            return reason;
        }

        item.Token = null;
        item.Status = item.IsCancelRequested ? Canceled : item.Status;
        item.IsAsleep |= isForLater && !item.IsCancelRequested;
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

        if (item.Status is Completed or Canceled)
        {
            return ErrorReason.InvalidTransition;
        }

        item.Status = Canceled;
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

    /// <summary>The leases of all tasks expire.</summary>
    public void ExpireAll()
    {
        foreach (var item in Items.Where(item => item.Token is not null))
        {
            item.Token = null;
            item.ExpiredLeases++;
            item.Status = item.IsCancelRequested ? Canceled : item.ExpiredLeases >= mostExpired ? Blocked : item.Status;
        }
    }

    private bool IsReady(Item item) =>
        !item.IsDeleted && item.Token is null && !item.IsCancelRequested && !item.IsAsleep && item.ExpiredLeases < mostExpired
        && (item.Status == Queued || (item.Status is Planning or Executing && item.ClaimCount > 0));

    private static ErrorReason? Refused(Item item, string token) =>
        token.Length > 0 && token != item.Token ? ErrorReason.LeaseLost : null;

    /// <param name="number">The order of its creation.</param>
    /// <param name="task">The task as it was created.</param>
    internal sealed class Item(int number, AgentTask task)
    {
        public int Number => number;

        public string Id => task.Id;

        public string Type => task.TaskType;

        /// <summary>Whether a claim brings it to EXECUTING at once.</summary>
        public bool IsDirect => task.ExecutionMode == ExecutionMode.Deterministic;

        public int Priority { get; set; } = task.Priority;

        public AgentTaskStatus Status { get; set; } = Queued;

        /// <summary>The token of its lease; null without one.</summary>
        public string? Token { get; set; }

        /// <summary>The tokens of all its leases, ended ones too.</summary>
        public List<string> Tokens { get; } = [];

        public int ClaimCount { get; set; }

        public int ExpiredLeases { get; set; }

        public bool IsCancelRequested { get; set; }

        /// <summary>Whether it waits for its not_before.</summary>
        public bool IsAsleep { get; set; }

        public bool IsDeleted { get; set; }
    }
}
