using Google.Protobuf;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Resources;

/// <summary>What handles a call: it either answers once or streams. Requests are of the call's own type.</summary>
/// <param name="Response">The type of the messages that it answers with.</param>
internal sealed record CallHandler(Type Response)
{
    /// <summary>Answers once; null for a call that streams.</summary>
    public Func<IMessage, Call, Task<Answer>>? Answer { get; init; }

    /// <summary>Streams until it is over; null for a call that answers once.</summary>
    public Func<IMessage, Call, IWatchSink, Task>? Stream { get; init; }

    /// <summary>Whether it takes so little that a timer for its longest time would be a tenth of the work.</summary>
    public bool IsBrief { get; init; }

    /// <summary>Whether it reads all that matches, and so has a longest time of its own.</summary>
    public bool IsCount { get; init; }
}
