using System.Net;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Json;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Http;

/// <summary>With an issuer, HTTP asks for the same tokens and scopes as gRPC.</summary>
public sealed class IdentityTests : IAsyncLifetime
{
    private const string Task = """{"title":"Pay","task_type":"pay","source_type":"event"}""";

    private readonly TemporaryFolder _folder = new();
    private TestIssuer _issuer = null!;
    private TestServer _server = null!;
    private JsonCaller _http = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.Path);
        _issuer = new TestIssuer(_folder.Path);
        _server = await TestServer.StartAsync(Path.Combine(_folder.Path, "data"), settings: _issuer.Settings);
        _http = new JsonCaller(_server.Http);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        _issuer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_call_without_a_token_Is_401_before_anything_is_told_about_its_body()
    {
        foreach (var answer in new[] { await _http.GetAsync("/agent-tasks"), await _http.PostAsync("/agent-tasks", "{"),
            await _http.GetAsync("/watch"), await _http.GetAsync("/agent-tasks?nope=1"),
            await _http.GetAsync("/agent-tasks", ("x-organization-id", "default")) })
        {
            Assert.Equal((HttpStatusCode.Unauthorized, "TOKEN_MISSING"), (answer.Status, answer.Reason));
            Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
        }
    }

    [Fact]
    public async Task A_token_Gives_its_organization_and_its_scopes()
    {
        var writer = ("Authorization", "Bearer " + _issuer.Token("tasks:read tasks:write", "acme"));
        var reader = ("Authorization", "Bearer " + _issuer.Token("tasks:read", "acme"));
        var other = ("Authorization", "Bearer " + _issuer.Token("tasks:read", "beta"));
        var created = await _http.PostAsync("/agent-tasks", Task, writer);
        Assert.Equal("acme", created["organizationId"]);
        Assert.Equal(created["id"], (await _http.GetAsync($"/agent-tasks/{created["id"]}", reader))["id"]);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync($"/agent-tasks/{created["id"]}", other)).Status);
        var refused = await _http.PostAsync("/agent-tasks", Task, reader);
        Assert.Equal((HttpStatusCode.Forbidden, "SCOPE_MISSING"), (refused.Status, refused.Reason));
    }

    [Fact]
    public async Task A_token_in_the_URL_Is_no_token()
    {
        var token = _issuer.Token("tasks:read", "acme");
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync($"/agent-tasks?access_token={token}")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync($"/watch?access_token={token}")).Status);
    }

    [Fact]
    public async Task A_stream_Ends_with_its_token_and_its_return_is_401()
    {
        var token = _issuer.Token("tasks:read", "acme", lifetime: TimeSpan.FromSeconds(2));
        var ended = TestContext.Current.CancellationToken;
        using var response = await _http.OpenAsync("/watch", ended, ("Authorization", "Bearer " + token));
        using var events = new EventReader(await response.Content.ReadAsStreamAsync(ended));
        var (type, data) = (await events.NextAsync(ended))!.Value;
        Assert.Equal(("status", 16), (type, data.GetProperty("code").GetInt32()));
        Assert.Null(await events.NextAsync(ended));
        var back = await _http.GetAsync("/watch", ("Authorization", "Bearer " + token), ("Last-Event-ID", events.LastId));
        Assert.Equal(HttpStatusCode.Unauthorized, back.Status);
    }
}
