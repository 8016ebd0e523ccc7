using System.Net;

namespace TaskGrpc.Client;

/// <summary>
/// Keeps HTTP from sending a request again by itself. When a server that drains turns a stream away, SocketsHttpHandler repeats the request
/// on another connection; the content of a gRPC call cannot be read twice, so what arrives there is empty and is answered with INTERNAL
/// (grpc-dotnet issue 1778). Failed here instead, it is UNAVAILABLE, and gRPC's own retry sends it whole.
/// </summary>
internal sealed class SendOnceHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            request.Content = new SendOnceContent(content);
        }

        return base.SendAsync(request, cancellationToken);
    }

    private sealed class SendOnceContent : HttpContent
    {
        private readonly HttpContent _content;
        private int _isSent;

        public SendOnceContent(HttpContent content)
        {
            _content = content;
            foreach (var (name, values) in content.Headers)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            Interlocked.Exchange(ref _isSent, 1) == 0
                ? _content.CopyToAsync(stream, context, cancellationToken)
                : throw new IOException("The connection was lost before the request was taken. It is for gRPC to send it again.");

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _content.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
