using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Identity;

/// <summary>An issuer and a server that trusts it, with the default clock skew; shared by all tests of a class.</summary>
public sealed class IssuerAndServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestIssuer? _issuer;
    private TestServer? _server;

    public string Folder => _folder.Path;

    public TestIssuer Issuer => _issuer!;

    public TestServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.Path);
        _issuer = new TestIssuer(_folder.Path);
        var settings = _issuer.Settings;
        settings["Identity:ClockSkew"] = "00:00:10";
        _server = await TestServer.StartAsync(Path.Combine(_folder.Path, "data"), settings: settings);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Issuer.Dispose();
        _folder.Dispose();
    }
}
