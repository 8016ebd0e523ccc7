namespace TaskGrpc.Faults.Tests.History;

/// <summary>The offline checker: reads what clients recorded and what the log says, and names every invariant that is broken.</summary>
public static class HistoryChecker
{
    private static readonly WatchedView Everything = new(Filter: null, ShowDeleted: false);

    /// <summary>Checks everything of one organization; an empty answer is a clean bill.</summary>
    /// <param name="truth">What the store says in the end.</param>
    /// <param name="history">What the clients recorded.</param>
    /// <param name="views">What the watches were asked to hold, by stream; a stream without an entry holds every living task.</param>
    public static IReadOnlyList<string> Check(GroundTruth truth, IReadOnlyList<HistoryEntry> history, IReadOnlyDictionary<string, WatchedView>? views = null)
    {
        var own = history.Where(entry => entry.Organization == truth.Organization).ToList();
        return
        [
            .. LogCheck.Run(truth),
            .. CallCheck.Run(truth, own.OfType<CallEntry>()),
            .. own.OfType<MessageEntry>().GroupBy(message => message.Stream).SelectMany(stream => new StreamCheck(truth, [.. stream], views?.GetValueOrDefault(stream.Key) ?? Everything).Run()),
        ];
    }
}
