using TaskGrpc.Testing.Filters;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>The offline checker: reads what clients recorded and what the log says, and names every invariant that is broken.</summary>
public static class HistoryChecker
{
    /// <summary>Checks everything of one organization; an empty answer is a clean bill.</summary>
    /// <param name="truth">What the store says in the end.</param>
    /// <param name="history">What the clients recorded.</param>
    /// <param name="filters">The filters of the watches that had one, by stream.</param>
    public static IReadOnlyList<string> Check(GroundTruth truth, IReadOnlyList<HistoryEntry> history, IReadOnlyDictionary<string, FilterModel>? filters = null)
    {
        var own = history.Where(entry => entry.Organization == truth.Organization).ToList();
        return
        [
            .. LogCheck.Run(truth),
            .. CallCheck.Run(truth, own.OfType<CallEntry>()),
            .. own.OfType<MessageEntry>().GroupBy(message => message.Stream).SelectMany(stream => new StreamCheck(truth, [.. stream], filters?.GetValueOrDefault(stream.Key)).Run()),
        ];
    }
}
