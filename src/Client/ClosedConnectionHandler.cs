namespace TaskGrpc.Client;

/// <summary>
/// Says UNAVAILABLE where a server has closed the connection in peace (GOAWAY with NO_ERROR) before it answered, as one does that is
/// being restarted. gRPC for .NET reads the code as that of a stream, and NO_ERROR of a stream is INTERNAL, which nobody sends again;
/// of a connection it means no more than that another one is needed.
/// </summary>
internal sealed class ClosedConnectionHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const long NoError = 0;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException exception) when (exception.InnerException is HttpProtocolException { ErrorCode: NoError } closed)
        {
            // Without the protocol's own exception in the chain, it counts as the loss of a connection.
            throw new HttpRequestException(HttpRequestError.ResponseEnded, exception.Message, new IOException(closed.Message));
        }
    }
}
