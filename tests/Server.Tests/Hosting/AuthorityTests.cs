using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Hosting;

/// <summary>The server reads an authority's issuer and keys over https (OpenID Connect Discovery 1.0).</summary>
public sealed class AuthorityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_token_of_an_authority_Is_taken_and_one_of_another_key_is_not()
    {
        using var trust = new TestAuthority(Path.Combine(_folder.Path, "trust"));
        using TestIssuer issuer = new(Folder("issuer")), otherIssuer = new(Folder("otherIssuer"));
        await using var authority = await ServeAsync(trust, Path.Combine(_folder.Path, "issuer", "jwks.json"));
        // In its own process, which trusts the authority's certificate.
        using var server = new ServerProcess(Folder("data"), settings: Settings(trust, authority));
        await server.StartAsync();

        using var client = Client(server, issuer.Token("tasks:write", "acme"));
        Assert.Equal("acme", (await client.CreateAgentTaskAsync()).OrganizationId);
        using var forger = Client(server, otherIssuer.Token("tasks:write", "acme"));
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => forger.CreateAgentTaskAsync());
    }

    [Fact]
    public async Task A_key_that_the_authority_has_withdrawn_Is_refused_after_the_next_fetch_of_its_metadata()
    {
        using var trust = new TestAuthority(Path.Combine(_folder.Path, "trust"));
        using TestIssuer issuer = new(Folder("issuer")), successor = new(Folder("successor"));
        await using var authority = await ServeAsync(trust, Path.Combine(_folder.Path, "issuer", "jwks.json"));
        using var server = new ServerProcess(Folder("data"), settings: Settings(trust, authority));
        await server.StartAsync();
        using TaskGrpcClient old = Client(server, issuer.Token("tasks:write tasks:read", "acme")),
            next = Client(server, successor.Token("tasks:write tasks:read", "acme"));
        await old.CreateAgentTaskAsync();

        issuer.Publish(successor);
        // An unknown key makes the server fetch the keys in the background.
        var asked = TimeProvider.System.GetTimestamp();
        while (!await IsTakenAsync(next))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(asked) < TimeSpan.FromSeconds(30), "The new key was not fetched.");
        }

        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => old.CreateAgentTaskAsync());
    }

    private static async Task<bool> IsTakenAsync(TaskGrpcClient client)
    {
        try
        {
            await client.Changes.ListChangesAsync(new());
            return true;
        }
        catch (TaskGrpcException refused) when (refused.Reason == ErrorReason.TokenInvalid)
        {
            return false;
        }
    }

    private static Dictionary<string, string> Settings(TestAuthority trust, WebApplication authority) => new()
    {
        ["SSL_CERT_FILE"] = trust.Pem,
        ["Authentication__Schemes__Bearer__Authority"] = authority.Urls.Single(),
        ["Authentication__Schemes__Bearer__ValidAudiences__0"] = TestIssuer.Audience,
    };

    private static async Task<WebApplication> ServeAsync(TestAuthority trust, string keys)
    {
        var path = trust.WriteServer();
        using var loaded = X509Certificate2.CreateFromPemFile(path, path);
        var certificate = X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = Path.GetDirectoryName(keys)! });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var app = builder.Build();
        app.MapGet("/.well-known/openid-configuration",
            (HttpContext call) => Results.Json(new { issuer = TestIssuer.Name, jwks_uri = $"https://{call.Request.Host}/keys" }));
        app.MapGet("/keys", () => Results.File(keys, "application/json"));
        await app.StartAsync();
        return app;
    }

    private static TaskGrpcClient Client(ServerProcess server, string token) =>
        new(new TaskGrpcClientOptions { Address = server.Address, MaxAttempts = 1, AccessToken = _ => new(token) });

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
}
