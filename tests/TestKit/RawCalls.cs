using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Google.Rpc;
using Grpc.Core;

namespace TaskGrpc.TestKit;

/// <summary>Calls with a path, headers and body that the test writes, and answers as they are on the wire.</summary>
public sealed class RawCalls(Uri server) : IDisposable
{
    private const string Details = "grpc-status-details-bin";

    private readonly HttpClient _http = new(new SocketsHttpHandler()) { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>A message with gRPC's frame, or with a wrong flag or length.</summary>
    public static byte[] Frame(byte[] message, byte flag = 0, uint? length = null)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public async Task<Answer> PostAsync(string path, byte[] body, params (string Name, string Value)[] headers)
    {
        // The path as the test wrote it: a Uri would correct it.
        var uri = new Uri(server.GetLeftPart(UriPartial.Authority) + path,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request);
        await response.Content.LoadIntoBufferAsync();
        var head = response.Headers.TryGetValues("grpc-status", out _) ? response.Headers : response.TrailingHeaders;
        var code = (StatusCode)int.Parse(One(head, "grpc-status") ?? "-1", CultureInfo.InvariantCulture);
        var details = One(head, Details) is { } text
            ? Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='))) : null;
        return new Answer(response.StatusCode, code, Uri.UnescapeDataString(One(head, "grpc-message") ?? ""), details,
            ReferenceEquals(head, response.Headers));
    }

    public void Dispose() => _http.Dispose();

    private static string? One(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.Single() : null;

    /// <param name="Http">The HTTP status.</param>
    /// <param name="Code">The gRPC status code; -1 for none.</param>
    /// <param name="Message">The decoded message.</param>
    /// <param name="Details">The details; null for none.</param>
    /// <param name="IsTrailersOnly">The status came with the head, without a message and a second head.</param>
    public sealed record Answer(HttpStatusCode Http, StatusCode Code, string Message, Google.Rpc.Status? Details, bool IsTrailersOnly)
    {
        /// <summary>The reason in the details; null if there are none.</summary>
        public string? Reason => Details?.GetDetail<ErrorInfo>()?.Reason;
    }
}
