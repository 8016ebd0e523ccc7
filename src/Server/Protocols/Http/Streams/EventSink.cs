using System.Buffers;
using System.Text;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;
using Code = Google.Rpc.Code;
using Status = Google.Rpc.Status;

namespace TaskGrpc.Server.Protocols.Http.Streams;

/// <summary>
/// Server-sent events, as a browser's EventSource reads them. The id of an event is the resume token, so the browser itself continues from
/// there after a cut.
/// </summary>
internal sealed class EventSink(HttpResponse response, string contentType, ChangeTexts texts) : StreamSink(response, contentType)
{
    /// <summary>The id of the last event of a stream that is over for good.</summary>
    private const string Over = "end";

    /// <summary>How long a browser waits before it comes back, in milliseconds.</summary>
    private const int Retry = 2000;

    public const string LastEventId = "Last-Event-ID";

    public override bool TryResume(IHeaderDictionary headers, WatchRequest request)
    {
        var last = headers[LastEventId].ToString();
        if (last.Length > 0)
        {
            request.Snapshot = false;
            request.ResumeToken = last;
        }

        return last != Over;
    }

    /// <summary>A browser comes back by itself after an event, but not after an HTTP error: so errors that pass are events.</summary>
    public override bool CanTell(Status error) =>
        base.CanTell(error) || (Code)error.Code is Code.Unavailable or Code.ResourceExhausted;

    protected override void Write(IBufferWriter<byte> text, WatchFrame frame)
    {
        if (frame.Token is { } token)
        {
            text.Write("id: "u8);
            FrameText.WriteToken(text, token);
            text.Write("\n"u8);
        }

        if (frame.Count > 0 || frame.SnapshotComplete)
        {
            text.Write("event: change\ndata: "u8);
            FrameText.Write(text, frame, texts);
            text.Write("\n"u8);
        }
        else if (frame.Token is null)
        {
            // A comment: without a token there is nothing to remember.
            text.Write(":\n"u8);
        }

        // An event without data is not dispatched, but its id counts: a quiet watch resumes from where it was.
        text.Write("\n"u8);
    }

    protected override void WriteEnd(IBufferWriter<byte> text, Status status, bool isOver)
    {
        var head = isOver ? $"id: {Over}" : $"retry: {Retry}";
        Encoding.UTF8.GetBytes($"{head}\nevent: status\ndata: {JsonAnswers.Of(status)}\n\n", text);
    }
}
