namespace TaskGrpc.Client;

/// <summary>
/// Takes details of a status that are no base64 out of an answer. gRPC for .NET reads them with the headers of a refusal, and fails the
/// call with a FormatException in place of the status that the server gave.
/// </summary>
internal sealed class MalformedDetailsHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Details = "grpc-status-details-bin";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.Headers.TryGetValues(Details, out var values) && !values.All(IsBase64))
        {
            response.Headers.Remove(Details);
        }

        return response;
    }

    /// <summary>As gRPC sends it: with or without padding.</summary>
    private static bool IsBase64(string value) => System.Buffers.Text.Base64.IsValid(value) || (value.Length % 4) switch
    {
        2 => System.Buffers.Text.Base64.IsValid(value + "=="),
        3 => System.Buffers.Text.Base64.IsValid(value + "="),
        _ => false,
    };
}
