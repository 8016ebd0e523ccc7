using System.Buffers;
using System.Text;
using TaskGrpc.Server.Watching;
using Code = Google.Rpc.Code;
using Status = Google.Rpc.Status;

namespace TaskGrpc.Server.Protocols.Http.Streams;

/// <summary>One WatchResponse a line, as JSON. A stream that fails ends with a line that has only the field `error`.</summary>
internal sealed class LineSink(HttpResponse response, string contentType, ChangeTexts texts) : StreamSink(response, contentType)
{
    protected override void Write(IBufferWriter<byte> text, WatchFrame frame)
    {
        FrameText.Write(text, frame, texts);
        text.Write("\n"u8);
    }

    protected override void WriteEnd(IBufferWriter<byte> text, Status status, bool isOver)
    {
        if (status.Code != (int)Code.Ok)
        {
            Encoding.UTF8.GetBytes($"{{\"error\":{JsonAnswers.Of(status)}}}\n", text);
        }
    }
}
