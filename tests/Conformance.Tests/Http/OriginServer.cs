using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Json;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Http;

/// <summary>A server that lets the pages of one other origin call it.</summary>
public sealed class OriginServer : IAsyncLifetime
{
    public const string Allowed = "https://console.example.com";

    private readonly TemporaryFolder _folder = new();

    public TestServer Server { get; private set; } = null!;

    public JsonCaller Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await TestServer.StartAsync(
            _folder.Path, settings: new Dictionary<string, string?> { ["Http:AllowedOrigins:0"] = Allowed });
        Http = new JsonCaller(Server.Http);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
