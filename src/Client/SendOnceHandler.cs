using System.Net;

namespace TaskGrpc.Client;

/// <summary>
/// Stops SocketsHttpHandler from repeating a request itself. It does so on another connection when a draining server refuses a stream, but
/// the content of a gRPC call cannot be read twice: the server would receive an empty request and answer INTERNAL (grpc-dotnet issue
/// 1778). This handler fails the repetition, the call is UNAVAILABLE, and the client's own retry sends the whole request.
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

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            Interlocked.Exchange(ref _isSent, 1) == 0
                ? _content.CopyToAsync(stream, context, cancellationToken)
                : throw new IOException("The connection was lost before the server took the request.");

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
