using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace TaskGrpc.TestKit.Json;

/// <summary>Calls a server as curl does: with paths, JSON texts and headers.</summary>
public sealed class JsonCaller : IDisposable
{
    private readonly HttpClient _client;
    private readonly List<(string Name, string Value)> _headers;

    /// <param name="address">The server.</param>
    /// <param name="headers">Headers of every call.</param>
    public JsonCaller(Uri address, params (string Name, string Value)[] headers)
    {
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = address };
        _headers = [.. headers];
    }

    public void Dispose() => _client.Dispose();

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> PostAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    public Task<Answer> PatchAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Patch, path, body, headers);

    public async Task<Answer> SendAsync(HttpMethod verb, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = Request(verb, path, body, headers);
        using var response = await _client.SendAsync(request);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    /// <summary>Opens a stream: the answer's headers are here, its body is still to come.</summary>
    public async Task<HttpResponseMessage> OpenAsync(
        string path, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Get, path, null, headers);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private HttpRequestMessage Request(HttpMethod verb, string path, string? body, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(verb, new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach (var (name, value) in _headers.Concat(headers))
        {
            if (name == "Content-Type")
            {
                request.Content!.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    /// <summary>An answer.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Text">The body.</param>
    /// <param name="Headers">The headers.</param>
    /// <param name="Content">The headers of the body.</param>
    public sealed record Answer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders Content)
    {
        public JsonElement Json { get; } = Text.StartsWith('{') ? JsonDocument.Parse(Text).RootElement : default;

        /// <summary>The reason of a refusal.</summary>
        public string? Reason => Detail("ErrorInfo") is { } info ? info.GetProperty("reason").GetString() : null;

        /// <summary>The violated fields of a refusal, in order.</summary>
        public IReadOnlyList<string> Fields => Detail("BadRequest") is { } bad
            ? [.. bad.GetProperty("fieldViolations").EnumerateArray().Select(flaw => flaw.GetProperty("field").GetString()!)] : [];

        /// <summary>A text of the answer.</summary>
        public string this[string field] => Json.GetProperty(field).GetString()!;

        private JsonElement? Detail(string type) =>
            Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("details", out var details)
            ? details.EnumerateArray().Cast<JsonElement?>()
                .FirstOrDefault(detail => detail!.Value.GetProperty("@type").GetString()!.EndsWith("." + type, StringComparison.Ordinal))
            : null;
    }
}
