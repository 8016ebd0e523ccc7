using System.Text.Json.Serialization;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>One line of a client's history. Protobuf messages are base64, so a history can be stored and checked elsewhere.</summary>
[JsonDerivedType(typeof(CallEntry), "call")]
[JsonDerivedType(typeof(MessageEntry), "message")]
public abstract record HistoryEntry(string Organization);

/// <summary>A mutation and its outcome, as the caller knows it. The mutation writes its request_id as title or reason.</summary>
public sealed record CallEntry(string Organization, string RequestId, CallOutcome Outcome, byte[] Answer) : HistoryEntry(Organization);

/// <summary>A message on a watch.</summary>
/// <param name="Organization">The organization.</param>
/// <param name="Stream">The name of the watch, the same over all its connections.</param>
/// <param name="Session">The number of the watch's connection, from 0.</param>
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

    /// <summary>Refused for good: it must not have changed anything.</summary>
    Refused,

    /// <summary>Not answered: all of it may be committed, or nothing.</summary>
    Unknown,
}
