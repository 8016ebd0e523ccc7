using Google.Protobuf;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Resources;

/// <summary>Handles a call: it either answers once or streams.</summary>
/// <param name="Response">The type of its responses.</param>
internal sealed record CallHandler(Type Response)
{
    /// <summary>Answers once; null for a call that streams.</summary>
    public Func<IMessage, Call, Task<Answer>>? Answer { get; init; }

    /// <summary>Streams until the call ends; null for a call that answers once.</summary>
    public Func<IMessage, Call, IWatchSink, Task>? Stream { get; init; }

    /// <summary>Whether the call is so short that a timer for LongestCall would be a tenth of its work.</summary>
    public bool IsBrief { get; init; }

    /// <summary>Whether it reads all that matches, and so has a longest time of its own.</summary>
    public bool IsCount { get; init; }
}
