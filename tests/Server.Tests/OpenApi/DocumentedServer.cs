using System.Text.Json.Nodes;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.OpenApi;

/// <summary>A server, and the document that it serves about itself.</summary>
public sealed class DocumentedServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestServer? _server;

    public TestServer Server => _server!;

    public HttpClient Http { get; private set; } = null!;

    public string Text { get; private set; } = "";

    public JsonObject Document { get; private set; } = [];

    /// <summary>Each operation, with its verb and path.</summary>
    public IEnumerable<(string Verb, string Path, JsonObject Operation)> Operations =>
        from path in Document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject());

    public JsonObject Operation(string id) => Operations.Single(found => (string?)found.Operation["operationId"] == id).Operation;

    /// <summary>What a reference leads to; other values as they are.</summary>
    public JsonObject Resolve(JsonNode node) => (string?)node["$ref"] is { } reference
        ? reference.Split('/').Skip(1).Aggregate((JsonNode)Document, (at, name) => at[name]!).AsObject() : node.AsObject();

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(_folder.Path);
        Http = new HttpClient { BaseAddress = _server.Http };
        Text = await Http.GetStringAsync(new Uri("/openapi.json", UriKind.Relative));
        Document = JsonNode.Parse(Text)!.AsObject();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
