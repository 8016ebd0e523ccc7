using TaskGrpc.Server.Faults;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Ledger.Committing;

/// <summary>The refusals for failures of the store.</summary>
internal static class StoreFaults
{
    public static Fault OutcomeUnknown() =>
        new(
            ErrorReason.StorageUnavailable,
            "The store failed during this change, so the outcome is unknown. Retry with the same request_id to find out.");

    public static Fault NothingChanged() =>
        new(
            ErrorReason.StorageUnavailable,
            "The store cannot accept this change now, and nothing was changed. Retry with the same request_id after RetryInfo's delay.")
        {
            RetryAfter = SomeTime(),
        };

    public static Fault Full() =>
        new(ErrorReason.StorageFull, "The server's disk is full, and nothing was changed. Retry after the operator has freed space.");

    /// <summary>A different time for each caller, so that callers refused together do not retry together.</summary>
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
