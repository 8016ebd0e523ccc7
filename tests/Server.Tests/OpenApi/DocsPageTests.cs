using System.Net;
using System.Text.RegularExpressions;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.OpenApi;

public sealed class DocsPageTests(DocumentedServer server) : IClassFixture<DocumentedServer>
{
    [Fact]
    public async Task The_page_Loads_everything_from_this_server()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var answer = await server.Http.GetAsync(new Uri("/docs", UriKind.Relative), cancellation);
        var html = await answer.Content.ReadAsStringAsync(cancellation);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotMatch(@"(https?:)?//\w", html);
        // The policy keeps the scripts, too, from asking another server.
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("http|\\*", policy);
        var nonce = Regex.Match(policy, "'nonce-([^']+)'").Groups[1].Value;
        var page = answer.RequestMessage!.RequestUri!;
        var scripts = Regex.Matches(html, "<script([^>]*)>").Select(script => script.Groups[1].Value).ToList();
        Assert.NotEmpty(scripts);
        Assert.All(scripts, script => Assert.Contains($"nonce=\"{nonce}\"", script, StringComparison.Ordinal));
        foreach (var source in Regex.Matches(html, "src=\"([^\"]+)\"").Select(source => source.Groups[1].Value))
        {
            using var script = await server.Http.GetAsync(new Uri(page, source), cancellation);
            Assert.Equal((HttpStatusCode.OK, "text/javascript"), (script.StatusCode, script.Content.Headers.ContentType!.MediaType));
        }
    }

    [Fact]
    public async Task Each_answer_Has_a_nonce_of_its_own()
    {
        var page = new Uri("/docs/", UriKind.Relative);
        using var first = await server.Http.GetAsync(page, TestContext.Current.CancellationToken);
        using var second = await server.Http.GetAsync(page, TestContext.Current.CancellationToken);
        Assert.NotEqual(
            first.Headers.GetValues("Content-Security-Policy").Single(), second.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Theory]
    [InlineData("/docs")]
    [InlineData("/openapi.json")]
    public async Task A_page_of_another_site_Is_refused(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Origin", "https://example.com");
        using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("/docs")]
    [InlineData("/openapi.json")]
    public async Task A_server_with_an_issuer_Shows_its_contract_without_a_token(string path)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Path);
        using var issuer = new TestIssuer(folder.Path);
        await using var guarded = await TestServer.StartAsync(Path.Combine(folder.Path, "data"), settings: issuer.Settings);
        using var http = new HttpClient { BaseAddress = guarded.Http };
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
