namespace TaskGrpc.Faults.Tests.History;

/// <summary>The offline checker: compares what clients recorded with the log, and names every broken invariant.</summary>
public static class HistoryChecker
{
    private static readonly WatchedView Everything = new(Filter: null, ShowDeleted: false);

    /// <summary>Checks one organization; an empty answer means no violation.</summary>
    /// <param name="truth">The store's final state.</param>
    /// <param name="history">What the clients recorded.</param>
    /// <param name="views">The views of the watches, by stream; a stream without an entry holds every living task.</param>
    public static IReadOnlyList<string> Check(
        GroundTruth truth, IReadOnlyList<HistoryEntry> history, IReadOnlyDictionary<string, WatchedView>? views = null)
    {
        var own = history.Where(entry => entry.Organization == truth.Organization).ToList();
        return
        [
            .. LogCheck.Run(truth),
            .. CallCheck.Run(truth, own.OfType<CallEntry>()),
            .. new LeaseCheck(truth, own).Run(),
            .. own.OfType<MessageEntry>().GroupBy(message => message.Stream)
                .SelectMany(stream => new StreamCheck(truth, [.. stream], views?.GetValueOrDefault(stream.Key) ?? Everything).Run()),
        ];
    }
}
