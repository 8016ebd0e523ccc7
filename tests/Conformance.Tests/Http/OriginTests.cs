using System.Net;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Json;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Http;

/// <summary>Pages of other sites cannot call the server through a browser.</summary>
public sealed class OriginTests(OriginServer server) : IClassFixture<OriginServer>
{
    private const string Allowed = OriginServer.Allowed;

    private readonly TestServer _server = server.Server;
    private readonly JsonCaller _http = server.Http;

    public static TheoryData<string> Paths =>
    [
        "/", "/page.js", "/agent-tasks", "/watch", "/changes", "/healthz", "/openapi.json", "/docs", "/nowhere",
        "/taskgrpc.v1.AgentTaskService/ListAgentTasks",
    ];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Every_path_Refuses_a_strange_host_origin_and_site(string path)
    {
        (string, string)[] strange =
        [
            ("Host", "evil.example"), ("Host", "evil.example:5081"), ("Host", "localhost.evil.example"), ("Host", "192.168.0.1"),
            ("Host", "127.0.0.1.nip.io"), ("Host", "[::2]"), ("Origin", "null"), ("Origin", "https://evil.example"),
            ("Origin", Allowed + "."), ("Origin", "http://console.example.com"), ("Origin", $"https://127.0.0.1:{_server.Http.Port}"),
            ("Origin", $"http://127.0.0.1:{_server.Http.Port + 1}"), ("Sec-Fetch-Site", "cross-site"),
        ];
        foreach (var header in strange)
        {
            var answer = await _http.GetAsync(path, header);
            Assert.True(answer.Status == HttpStatusCode.Forbidden, $"{path} with {header}: {answer.Status}");
            Assert.Equal(7, answer.Json.GetProperty("code").GetInt32());
        }
    }

    [Fact]
    public async Task Gates_Hold_for_writes_and_gRPC_Web_too()
    {
        var post = await _http.PostAsync("/agent-tasks", "{}", ("Origin", "https://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, post.Status);
        var web = await _http.PostAsync("/taskgrpc.v1.AgentTaskService/ListAgentTasks", "\0\0\0\0\0",
            ("Content-Type", "application/grpc-web+proto"), ("Origin", "https://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, web.Status);
    }

    [Theory]
    [InlineData("Host", "localhost")]
    [InlineData("Host", "LOCALHOST:1234")]
    [InlineData("Host", "127.8.9.10")]
    [InlineData("Host", "[::1]:5081")]
    [InlineData("Origin", Allowed)]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task Local_names_own_pages_and_named_origins_Pass(string name, string value) =>
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync("/agent-tasks", (name, value))).Status);

    [Fact]
    public async Task Only_a_named_origin_Gets_the_headers_that_let_its_page_read()
    {
        var own = $"http://127.0.0.1:{_server.Http.Port}";
        var named = await _http.GetAsync("/agent-tasks", ("Origin", Allowed), ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.OK, named.Status);
        Assert.Equal([Allowed], named.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.False((await _http.GetAsync("/agent-tasks", ("Origin", own))).Headers.Contains("Access-Control-Allow-Origin"));

        var preflight = await _http.SendAsync(HttpMethod.Options, "/agent-tasks", null, ("Origin", Allowed),
            ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type,idempotency-key"));
        Assert.Equal(HttpStatusCode.NoContent, preflight.Status);
        Assert.Equal([Allowed], preflight.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Contains("idempotency-key", string.Join(',', preflight.Headers.GetValues("Access-Control-Allow-Headers")),
            StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("null")]
    [InlineData("https://console.example.com/")]
    [InlineData("HTTPS://console.example.com")]
    [InlineData("console.example.com")]
    public async Task An_origin_that_no_browser_sends_Keeps_the_server_from_starting(string origin)
    {
        using var folder = new TemporaryFolder();
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => TestServer.StartAsync(
            folder.Path, settings: new Dictionary<string, string?> { ["Http:AllowedOrigins:0"] = origin }));
        Assert.Contains("Http:AllowedOrigins", refusal.Message, StringComparison.Ordinal);
    }
}
