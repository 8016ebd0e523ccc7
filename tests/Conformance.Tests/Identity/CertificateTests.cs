using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Identity;

/// <summary>TLS, and callers identified by their certificates.</summary>
public sealed class CertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _authority;

    public CertificateTests() => _authority = new TestAuthority(Path.Combine(_folder.Path, "authority"));

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_certificate_in_the_table_Is_its_organization_actor_and_scopes()
    {
        await using var server = await StartAsync();
        using var planner = Client(server, _authority.Client("CN=planner, O=Acme"));
        var task = await planner.CreateAgentTaskAsync();
        Assert.Equal("acme", task.OrganizationId);

        foreach (var own in new[] { _authority.Client("CN=any", dns: "Runner.ACME.example"),
            _authority.Client("CN=any", uris: ["spiffe://acme/elsewhere", "spiffe://acme/runner"]) })
        {
            using var runner = Client(server, own);
            Assert.Equal(task, await runner.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }));
            var refusal = await Refusal.OfAsync(ErrorReason.ScopeMissing, () => runner.CreateAgentTaskAsync());
            Assert.Contains("lacks the scope 'tasks:write'. Ask the server's operator to add it to the Scopes of the certificate's row",
                refusal.Status.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain("token", refusal.Status.Detail, StringComparison.Ordinal);
            var change = Assert.Single((await runner.Changes.ListChangesAsync(new())).Events).Change;
            Assert.Equal(("planner", ActorType.Agent), (change.Actor.Id, change.Actor.Type));
        }
    }

    [Fact]
    public async Task A_certificate_Identifies_a_caller_over_HTTP_too()
    {
        await using var server = await StartAsync();
        HttpClient Http(X509Certificate2? own) =>
            new(_authority.Handler(own)) { BaseAddress = server.Grpc, DefaultRequestVersion = HttpVersion.Version20 };
        using var http = Http(_authority.Client("CN=any", dns: "Runner.ACME.example"));
        using var read = await http.GetAsync(new Uri("/agent-tasks", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using var task = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var write = await http.PostAsync(new Uri("/agent-tasks", UriKind.Relative), task);
        Assert.Equal(HttpStatusCode.Forbidden, write.StatusCode);
        using var stranger = Http(null);
        using var refused = await stranger.GetAsync(new Uri("/agent-tasks", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task A_blank_subject_in_the_table_Matches_no_caller_and_a_name_that_looks_like_a_subject_does_not_match()
    {
        await using var server = await StartAsync(new Dictionary<string, string?> { ["Identity:Certificates:1:Subject"] = "" });
        foreach (var other in new[] { _authority.Client("", uris: ["spiffe://beta/other"]),
            _authority.Client("CN=any", dns: "CN=planner, O=Acme") })
        {
            using var client = Client(server, other);
            await Refusal.OfAsync(ErrorReason.TokenInvalid, () => client.CreateAgentTaskAsync());
        }

        using var runner = Client(server, _authority.Client("", dns: "runner.acme.example"));
        Assert.Empty((await runner.AgentTasks.ListAgentTasksAsync(new())).AgentTasks);
    }

    [Theory]
    [InlineData("Identity:Certificates:1:Name", "")]
    [InlineData("Identity:Certificates:1:Name", "spiffe://acme/runner")]
    public async Task A_row_without_a_key_or_with_anothers_Keeps_the_server_from_starting(string setting, string value) =>
        await Assert.ThrowsAsync<TaskGrpc.Server.Storage.RefusedToStartException>(() =>
            StartAsync(new Dictionary<string, string?> { [setting] = value }));

    [Fact]
    public async Task A_table_without_an_authority_Keeps_the_server_from_starting_unless_the_machines_are_meant()
    {
        var refusal = await Assert.ThrowsAsync<TaskGrpc.Server.Storage.RefusedToStartException>(() =>
            StartAsync(new Dictionary<string, string?> { ["Identity:CertificateAuthority"] = null }));
        Assert.Contains("Identity:CertificateAuthority", refusal.Message, StringComparison.Ordinal);

        await using var server = await StartAsync(new Dictionary<string, string?> { ["Identity:CertificateAuthority"] = "machine" });
        // This machine does not trust the test's authority.
        using var client = Client(server, _authority.Client("CN=planner, O=Acme"));
        Assert.NotEqual(StatusCode.OK, (await Assert.ThrowsAsync<TaskGrpcException>(() => client.CreateAgentTaskAsync())).StatusCode);
    }

    [Fact]
    public async Task A_name_that_is_a_URI_Has_capitals()
    {
        await using var server = await StartAsync();
        using var client = Client(server, _authority.Client("CN=any", uris: ["spiffe://acme/RUNNER"]));
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => client.AgentTasks.ListAgentTasksAsync(new()).ResponseAsync);
    }

    [Fact]
    public async Task Every_other_caller_Is_refused()
    {
        using var otherAuthority = new TestAuthority(Path.Combine(_folder.Path, "otherAuthority"));
        await using var server = await StartAsync();
        using (var none = Client(server, null))
        {
            await Refusal.OfAsync(ErrorReason.TokenMissing, () => none.CreateAgentTaskAsync());
        }

        using (var unknown = Client(server, _authority.Client("CN=unknown")))
        {
            await Refusal.OfAsync(ErrorReason.TokenInvalid, () => unknown.CreateAgentTaskAsync());
        }

        foreach (var refused in new[] { otherAuthority.Client("CN=planner, O=Acme"),
            _authority.Client("CN=planner, O=Acme", lifetime: TimeSpan.FromMinutes(-1)) })
        {
            using var client = Client(server, refused);
            Assert.NotEqual(StatusCode.OK, (await Assert.ThrowsAsync<TaskGrpcException>(() => client.CreateAgentTaskAsync())).StatusCode);
        }
    }

    [Fact]
    public async Task An_intermediate_authority_Is_accepted_if_the_client_sends_it_and_never_fetched()
    {
        using var elsewhere = new TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        using var between = new TestAuthority(Path.Combine(_folder.Path, "between"), _authority);
        using var own = between.Client("CN=planner, O=Acme", authorityAt: new Uri($"http://{elsewhere.LocalEndpoint}/authority.cer"));
        await using var server = await StartAsync();
        using (var whole = Client(server, own, between: between.Certificate))
        {
            Assert.Equal("acme", (await whole.CreateAgentTaskAsync()).OrganizationId);
        }

        using var alone = Client(server, own);
        Assert.NotEqual(StatusCode.OK, (await Assert.ThrowsAsync<TaskGrpcException>(() => alone.CreateAgentTaskAsync())).StatusCode);
        Assert.False(elsewhere.Pending());
    }

    [Fact]
    public async Task A_stream_Ends_with_its_certificate()
    {
        await using var server = await StartAsync();
        using var client = Client(server, _authority.Client("CN=planner, O=Acme", lifetime: TimeSpan.FromSeconds(5)));
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { HeartbeatInterval = new() { Seconds = 1 } });
        var ended = await Assert.ThrowsAsync<TaskGrpcException>(async () =>
        {
            while (true)
            {
                await watch.NextAsync();
            }
        });
        Assert.Equal(ErrorReason.TokenInvalid, ended.Reason);
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => client.CreateAgentTaskAsync());
    }

    [Fact]
    public async Task A_token_Comes_before_the_certificate_of_the_connection()
    {
        using var issuer = new TestIssuer(_folder.Path);
        await using var server = await StartAsync(issuer.Settings);
        using var proxied = Client(server, _authority.Client("CN=planner, O=Acme"), issuer.Token("tasks:write", "other"));
        Assert.Equal("other", (await proxied.CreateAgentTaskAsync()).OrganizationId);
        using var own = Client(server, _authority.Client("CN=planner, O=Acme"));
        Assert.Equal("acme", (await own.CreateAgentTaskAsync()).OrganizationId);
        using var tokenOnly = Client(server, null, issuer.Token("tasks:write", "other"));
        Assert.Equal("other", (await tokenOnly.CreateAgentTaskAsync()).OrganizationId);
    }

    [Fact]
    public async Task A_renewed_certificate_Is_served_without_a_restart()
    {
        var port = LoopbackPort.Free();
        await using var server =
            await StartAsync(new Dictionary<string, string?> { ["Kestrel:Endpoints:Grpc:Url"] = $"https://127.0.0.1:{port}" });
        var first = await ServedAsync(port);
        _authority.WriteServer();
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (await ServedAsync(port) is var served && (served is null || served == first))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, late.Token);
        }

        using var client = Client(server, _authority.Client("CN=planner, O=Acme"), maxAttempts: 5);
        await client.CreateAgentTaskAsync();
    }

    [Fact]
    public async Task An_older_version_of_TLS_Is_refused()
    {
        await using var server = await StartAsync();
#pragma warning disable SYSLIB0039, CA5397 // That is what is to be refused.
        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(server.Grpc.Port, SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
        Assert.NotNull(await HandshakeAsync(server.Grpc.Port, SslProtocols.Tls12));
    }

    private async Task<string?> ServedAsync(int port)
    {
        try
        {
            return await HandshakeAsync(port, SslProtocols.None);
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException)
        {
            // Kestrel reopens the endpoint.
            return null;
        }
    }

    private async Task<string> HandshakeAsync(int port, SslProtocols protocols)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", port);
        await using var tls = new SslStream(
            tcp.GetStream(), false, (_, certificate, _, _) => certificate is X509Certificate2 served && _authority.IsMine(served));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = protocols,
                ApplicationProtocols = [SslApplicationProtocol.Http2]
            });
        return tls.RemoteCertificate!.GetCertHashString();
    }

    private TaskGrpcClient Client(TestServer server, X509Certificate2? own, string? token = null, int maxAttempts = 1,
        X509Certificate2? between = null) => new(new TaskGrpcClientOptions
        {
            Address = server.Grpc,
            HttpHandler = between is null ? _authority.Handler(own) : _authority.Handler(own, between),
            MaxAttempts = maxAttempts,
            AccessToken = token is null ? null : _ => new(token),
        });

    private Task<TestServer> StartAsync(IDictionary<string, string?>? more = null)
    {
        var certificate = _authority.WriteServer();
        var settings = new Dictionary<string, string?>
        {
            ["Kestrel:Endpoints:Grpc:Url"] = "https://127.0.0.1:0",
            ["Kestrel:Endpoints:Grpc:Certificate:Path"] = certificate,
            ["Kestrel:Endpoints:Grpc:Certificate:KeyPath"] = certificate,
            ["Identity:CertificateAuthority"] = _authority.Pem,
            ["Identity:Recheck"] = "00:00:01",
            ["Identity:Certificates:0:Subject"] = "CN=planner, O=Acme",
            ["Identity:Certificates:0:Organization"] = "acme",
            ["Identity:Certificates:0:Actor"] = "planner",
            ["Identity:Certificates:0:ActorType"] = "agent",
            ["Identity:Certificates:0:Scopes:0"] = "tasks:read",
            ["Identity:Certificates:0:Scopes:1"] = "tasks:write",
            ["Identity:Certificates:1:Name"] = "runner.acme.example",
            ["Identity:Certificates:1:Organization"] = "acme",
            ["Identity:Certificates:1:Actor"] = "runner",
            ["Identity:Certificates:1:Scopes:0"] = "tasks:read",
            ["Identity:Certificates:2:Name"] = "spiffe://acme/runner",
            ["Identity:Certificates:2:Organization"] = "acme",
            ["Identity:Certificates:2:Actor"] = "runner",
            ["Identity:Certificates:2:Scopes:0"] = "tasks:read",
        };
        foreach (var (name, value) in more ?? new Dictionary<string, string?>())
        {
            settings[name] = value;
        }

        return TestServer.StartAsync(Path.Combine(_folder.Path, "data"), settings: settings);
    }
}
