using System.Net;
using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>The page shows text from anywhere, so nothing of it may run, and nothing may leave for another host.</summary>
public sealed class SafePageTests(Chromium chromium) : PageServer(chromium)
{
    private const string Hostile = "<img src=x onerror=\"document.title='caught'\"><script>document.title='caught'</script>";

    [Fact]
    public async Task A_hostile_title_and_reason_Are_text()
    {
        await Tab.GoLiveAsync(Server.Http);
        var id = await Caller.CreateAsync(Hostile);
        await Caller.MoveAsync(id, "BLOCKED", Hostile);
        await Tab.UntilTextsAsync("#open .title", Hostile);
        await Tab.UntilTextsAsync("#feed .reason", Hostile);
        Assert.Equal(0, await Tab.Page.EvaluateExpressionAsync<int>("document.querySelectorAll('main img, main script').length"));
        Assert.Equal("TaskGrpc", await Tab.Page.GetTitleAsync());
        Assert.Empty(Tab.Errors);
    }

    [Fact]
    public async Task The_page_Asks_its_own_server_only_and_breaks_no_policy()
    {
        await Caller.CreateAsync("Refund order 1042");
        await Tab.GoLiveAsync(Server.Http);
        await Tab.UntilTextsAsync("#open .title", "Refund order 1042");
        Assert.Contains(Tab.Requests, request => request.AbsolutePath == "/watch");
        Assert.All(Tab.Requests, request => Assert.Equal(Server.Http.Authority, request.Authority));
        Assert.Empty(Tab.Errors);
    }

    [Fact]
    public async Task Markup_that_a_script_of_the_page_would_write_Is_refused_by_the_browser()
    {
        await Tab.GoLiveAsync(Server.Http);
        var refusal = await Assert.ThrowsAnyAsync<Exception>(
            () => Tab.Page.EvaluateExpressionAsync("document.getElementById('feed').innerHTML = '<li>'"));
        Assert.Contains("TrustedHTML", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/page.css", "text/css")]
    [InlineData("/page.js", "text/javascript")]
    [InlineData("/page.svg", "image/svg+xml")]
    public async Task Each_file_Is_guarded_and_asked_for_again_only_if_it_has_changed(string path, string type)
    {
        using var http = new HttpClient { BaseAddress = Server.Http };
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.True(answer.Headers.CacheControl!.NoCache);

        http.DefaultRequestHeaders.IfNoneMatch.Add(answer.Headers.ETag!);
        using var same = await http.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using var posted = await http.PostAsync(new Uri(path, UriKind.Relative), new StringContent("{}"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
    }
}
