using System.Text.Json.Serialization;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>One line of what clients saw. The protobuf messages are base64, so that a history can be kept and checked elsewhere.</summary>
[JsonDerivedType(typeof(CallEntry), "call")]
[JsonDerivedType(typeof(MessageEntry), "message")]
public abstract record HistoryEntry(string Organization);

/// <summary>A mutation and what became of it, as its caller knows. The request's id is also the title or the reason that it writes.</summary>
public sealed record CallEntry(string Organization, string RequestId, CallOutcome Outcome, byte[] Answer) : HistoryEntry(Organization);

/// <summary>A message on a watch.</summary>
/// <param name="Organization">The organization.</param>
/// <param name="Stream">Names the watch over all its connections.</param>
/// <param name="Session">Counts the connections of the watch, from 0.</param>
/// <param name="From">The revision after which the connection began; <see cref="Snapshot"/> if it began with a snapshot.</param>
/// <param name="Message">The WatchResponse.</param>
public sealed record MessageEntry(string Organization, string Stream, int Session, long From, byte[] Message) : HistoryEntry(Organization)
{
    public const long Snapshot = -1;
}

public enum CallOutcome
{
    /// <summary>Answered with OK.</summary>
    Acknowledged,

    /// <summary>Refused for good: it must have left nothing.</summary>
    Refused,

    /// <summary>Not answered: it may have left everything or nothing.</summary>
    Unknown,
}
