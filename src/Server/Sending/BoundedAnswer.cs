using System.Buffers;

namespace TaskGrpc.Server.Sending;

/// <summary>Reads a bounded part of each answer, so that its connection can be used again, and forgets it: only the status counts.</summary>
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
            // The status has come, so the target has answered, whatever becomes of the rest.
        }

        // What was not read goes with its connection.
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
            for (var total = 0; total < MostBytes && (read = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, MostBytes - total)), cancellationToken)) > 0; total += read)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
