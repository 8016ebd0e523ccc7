using System.Buffers;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>A WatchResponse of changes that the commit has serialised once, for all watches. Sending it parses nothing.</summary>
internal sealed class WatchFrame : StoredAnswer<WatchResponse>
{
    private static readonly uint EventsTag = WireWriter.LengthDelimited(WatchResponse.EventsFieldNumber);
    private static readonly uint RevisionTag = WireWriter.Number(WatchResponse.RevisionFieldNumber);
    private static readonly uint TokenTag = WireWriter.LengthDelimited(WatchResponse.ResumeTokenFieldNumber);
    private static readonly uint SnapshotCompleteTag = WireWriter.Number(WatchResponse.SnapshotCompleteFieldNumber);
    private static readonly uint ChangeTag = WireWriter.LengthDelimited(WatchEvent.ChangeFieldNumber);
    private static readonly uint MatchTag = WireWriter.Number(WatchEvent.MatchFieldNumber);

    private readonly List<(byte[] Change, FilterMatch Match)> _events = [];

    public int Count => _events.Count;

    /// <summary>A change, serialised, and its match.</summary>
    public (byte[] Change, FilterMatch Match) this[int index] => _events[index];

    /// <summary>The size of the changes so far, in bytes.</summary>
    public int Size { get; private set; }

    /// <summary>The progress to report; 0 in a message that has only the first part of a revision.</summary>
    public long Revision { get; set; }

    /// <summary>The resume token; null where <see cref="Revision"/> is 0.</summary>
    public ResumeToken? Token { get; set; }

    /// <summary>Whether this message completes the snapshot.</summary>
    public bool SnapshotComplete { get; set; }

    public void Add(byte[] change, FilterMatch match)
    {
        _events.Add((change, match));
        Size += change.Length;
    }

    public void Clear()
    {
        _events.Clear();
        Size = 0;
        Revision = 0;
        Token = null;
        SnapshotComplete = false;
    }

    public override void WriteTo(IBufferWriter<byte> buffer)
    {
        var writer = new WireWriter(buffer);
        foreach (var (change, match) in _events)
        {
            writer.Head(EventsTag, EventSize(change, match));
            writer.Bytes(ChangeTag, change);
            writer.Number(MatchTag, (long)match);
        }

        writer.Number(RevisionTag, Revision);
        if (Token is { } token)
        {
            writer.Head(TokenTag, ResumeToken.Length);
            token.WriteUtf8(writer.Take(ResumeToken.Length));
        }

        writer.Number(SnapshotCompleteTag, SnapshotComplete ? 1 : 0);
        writer.Complete();
    }

    public override int CalculateSize()
    {
        var size = WireWriter.SizeOf(RevisionTag, Revision) + WireWriter.SizeOf(SnapshotCompleteTag, SnapshotComplete ? 1L : 0L);
        size += Token is null ? 0 : WireWriter.SizeOf(TokenTag, ResumeToken.Length);
        foreach (var (change, match) in _events)
        {
            size += WireWriter.SizeOf(EventsTag, EventSize(change, match));
        }

        return size;
    }

    private static int EventSize(byte[] change, FilterMatch match) =>
        WireWriter.SizeOf(ChangeTag, change.Length) + WireWriter.SizeOf(MatchTag, (long)match);
}
