using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>What callers are told when it is the store that fails them.</summary>
internal static class StoreFaults
{
    public static Fault OutcomeUnknown() =>
        new(ErrorReason.StorageUnavailable, "The store failed while this change was under way, so its outcome is unknown. Retry with the same request_id to find out.");

    public static Fault NothingChanged() =>
        new(ErrorReason.StorageUnavailable, "The store cannot take this change at present, and nothing was changed. Retry as RetryInfo says, with the same request_id.") { RetryAfter = SomeTime() };

    public static Fault Full() =>
        new(ErrorReason.StorageFull, "The server's disk is full and nothing was changed. Retry when the operator has made room.");

    /// <summary>A different time for each caller, so that those who were refused together do not come back together.</summary>
    public static TimeSpan SomeTime() => TimeSpan.FromMilliseconds(Random.Shared.Next(100, 500));

    public static void RefuseAll(List<LedgerCommand> commands, Exception refusal)
    {
        foreach (var command in commands)
        {
            command.Refuse(refusal);
            command.Tell();
        }
    }
}
