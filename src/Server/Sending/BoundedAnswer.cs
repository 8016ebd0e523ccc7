using System.Buffers;

namespace TaskGrpc.Server.Sending;

/// <summary>Reads and drops a bounded part of each response, so that its connection can be reused: only the status counts.</summary>
internal sealed class BoundedAnswer : DelegatingHandler
{
    private const int MostBytes = 64 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            await DrainAsync(response.Content, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // The status has arrived, so the target has answered, even if the body fails.
        }

        // Disposing closes the connection if the body was not read to its end.
        response.Content.Dispose();
        response.Content = new ByteArrayContent([]);
        return response;
    }

    private static async Task DrainAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(8192);
        try
        {
            var stream = await content.ReadAsStreamAsync(cancellationToken);
            int read;
            for (var total = 0; total < MostBytes
                && (read = await stream.ReadAsync(
                    buffer.AsMemory(0, Math.Min(buffer.Length, MostBytes - total)), cancellationToken)) > 0; total += read)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
