namespace TaskGrpc.Client;

/// <summary>
/// Removes the details of a status from an answer if they are not base64. gRPC for .NET would fail the call with a FormatException, and
/// the server's status would be lost.
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

    /// <summary>With or without padding, as gRPC sends it.</summary>
    private static bool IsBase64(string value) => System.Buffers.Text.Base64.IsValid(value) || (value.Length % 4) switch
    {
        2 => System.Buffers.Text.Base64.IsValid(value + "=="),
        3 => System.Buffers.Text.Base64.IsValid(value + "="),
        _ => false,
    };
}
