using System.Buffers;
using System.Buffers.Text;
using System.Text;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Protocols.Http.Streams;

/// <summary>Writes a message of a watch as JSON, from the JSON of its changes. A test holds it equal to the formatter's.</summary>
internal static class FrameText
{
    private const int LongestNumber = 20;

    private static readonly byte[][] Matches =
        [[], .. EnumNames<FilterMatch>.Values.Select(match => Encoding.UTF8.GetBytes(match.Name))];

    public static void Write(IBufferWriter<byte> text, WatchFrame frame, ChangeTexts changes)
    {
        var next = "{"u8;
        if (frame.Count > 0)
        {
            text.Write("{\"events\":"u8);
            WriteEvents(text, frame, changes);
            next = ","u8;
        }

        if (frame.Revision > 0)
        {
            text.Write(next);
            text.Write("\"revision\":\""u8);
            Utf8Formatter.TryFormat(frame.Revision, text.GetSpan(LongestNumber), out var written);
            text.Advance(written);
            text.Write("\""u8);
            next = ","u8;
        }

        if (frame.Token is { } token)
        {
            text.Write(next);
            text.Write("\"resumeToken\":\""u8);
            WriteToken(text, token);
            text.Write("\""u8);
            next = ","u8;
        }

        if (frame.SnapshotComplete)
        {
            text.Write(next);
            text.Write("\"snapshotComplete\":true"u8);
            next = ","u8;
        }

        text.Write(next is [(byte)'{'] ? "{}"u8 : "}"u8);
    }

    public static void WriteToken(IBufferWriter<byte> text, ResumeToken token)
    {
        token.WriteUtf8(text.GetSpan(ResumeToken.Length)[..ResumeToken.Length]);
        text.Advance(ResumeToken.Length);
    }

    private static void WriteEvents(IBufferWriter<byte> text, WatchFrame frame, ChangeTexts changes)
    {
        for (var i = 0; i < frame.Count; i++)
        {
            var (change, match) = frame[i];
            text.Write(i == 0 ? "[{\"change\":"u8 : ",{\"change\":"u8);
            text.Write(changes.Of(change));
            text.Write(",\"match\":\""u8);
            text.Write(Matches[(int)match]);
            text.Write("\"}"u8);
        }

        text.Write("]"u8);
    }
}
