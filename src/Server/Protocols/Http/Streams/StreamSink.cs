using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;
using Status = Google.Rpc.Status;

namespace TaskGrpc.Server.Protocols.Http.Streams;

/// <summary>A watch's stream as text over HTTP.</summary>
/// <param name="response">The response.</param>
/// <param name="contentType">The type of its text.</param>
internal abstract class StreamSink(HttpResponse response, string contentType) : IWatchSink
{
    public const string Lines = "application/x-ndjson";
    public const string Events = "text/event-stream";

    private bool _hasStarted;

    /// <summary>The sink for what the caller accepts; null if it accepts neither lines nor events.</summary>
    public static StreamSink? For(HttpContext context, ChangeTexts texts)
    {
        var accepted = context.Request.GetTypedHeaders().Accept;
        return accepted.Any(type => type.MediaType.Equals(Lines, StringComparison.OrdinalIgnoreCase))
            ? new LineSink(context.Response, Lines, texts)
            : accepted is [] || accepted.Any(type => new MediaTypeHeaderValue(Events).IsSubsetOf(type))
            ? new EventSink(context.Response, Events, texts)
            : null;
    }

    public async Task WriteAsync(WatchFrame frame)
    {
        Write(Start(), frame);
        await response.BodyWriter.FlushAsync();
    }

    public void EndPendingWrite() => response.BodyWriter.CancelPendingFlush();

    /// <summary>Continues after what the reader has already received; false if that was the end of all.</summary>
    public virtual bool TryResume(IHeaderDictionary headers, WatchRequest request) => true;

    /// <summary>Whether the stream itself can tell an error; otherwise it is an HTTP status.</summary>
    public virtual bool CanTell(Status error) => _hasStarted;

    /// <summary>Tells the reader why the stream ends.</summary>
    /// <param name="status">The error; OK for a watch that is complete.</param>
    /// <param name="isOver">Whether a further request could not continue the stream.</param>
    public async Task EndAsync(Status status, bool isOver)
    {
        WriteEnd(Start(), status, isOver);
        await response.BodyWriter.FlushAsync();
    }

    protected abstract void Write(IBufferWriter<byte> text, WatchFrame frame);

    protected abstract void WriteEnd(IBufferWriter<byte> text, Status status, bool isOver);

    private PipeWriter Start()
    {
        if (!_hasStarted)
        {
            _hasStarted = true;
            response.ContentType = contentType;
            response.Headers.CacheControl = "no-store";
            // Proxies such as nginx would otherwise hold the stream back.
            response.Headers["X-Accel-Buffering"] = "no";
        }

        return response.BodyWriter;
    }
}
