using System.Text.Json.Serialization;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>One line of a client's history. Protobuf messages are base64, so a history can be stored and checked elsewhere.</summary>
[JsonDerivedType(typeof(CallEntry), "call")]
[JsonDerivedType(typeof(MessageEntry), "message")]
[JsonDerivedType(typeof(ClaimEntry), "claim")]
[JsonDerivedType(typeof(HeldWriteEntry), "held-write")]
[JsonDerivedType(typeof(DrainedEntry), "drained")]
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

/// <summary>A lease that a worker received.</summary>
/// <param name="Organization">The organization.</param>
/// <param name="Worker">The worker that claimed.</param>
/// <param name="Id">The resource.</param>
/// <param name="LeaseRevision">The revision of the claim, as the answer has it.</param>
/// <param name="Token">The token of the lease.</param>
public sealed record ClaimEntry(string Organization, string Worker, string Id, long LeaseRevision, string Token)
    : HistoryEntry(Organization);

/// <summary>A worker's write with the token of a lease.</summary>
/// <param name="Organization">The organization.</param>
/// <param name="Id">The resource.</param>
/// <param name="Token">The token that was sent.</param>
/// <param name="Outcome">Acknowledged; or Refused, as a write of a lost lease.</param>
/// <param name="Etag">The etag of the answer; empty for a refusal.</param>
/// <param name="Head">A revision that the log had after a refusal; 0 for an acknowledged write.</param>
public sealed record HeldWriteEntry(string Organization, string Id, string Token, CallOutcome Outcome, string Etag, long Head)
    : HistoryEntry(Organization);

/// <summary>The workers went on until no work was left: what lost its worker has found another one.</summary>
public sealed record DrainedEntry(string Organization) : HistoryEntry(Organization);

public enum CallOutcome
{
    /// <summary>Answered with OK.</summary>
    Acknowledged,

    /// <summary>Refused for good: it must not have changed anything.</summary>
    Refused,

    /// <summary>Not answered: all of it may be committed, or nothing.</summary>
    Unknown,
}
