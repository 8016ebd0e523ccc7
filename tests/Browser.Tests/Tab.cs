using System.Collections.Concurrent;
using PuppeteerSharp;
using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>A tab of the browser, and what its page has complained about and asked for.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private const int Limit = 60_000;

    private readonly IBrowserContext _context;

    public Tab(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, entry) => Errors.Enqueue($"{entry.Message.Type}: {entry.Message.Text}");
        page.PageError += (_, error) => Errors.Enqueue(error.Message);
        page.Request += (_, asked) => Requests.Enqueue(new Uri(asked.Request.Url));
    }

    public IPage Page { get; }

    /// <summary>What stands in the browser's console: refusals of the content security policy, exceptions, failed requests.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public ConcurrentQueue<Uri> Requests { get; } = new();

    /// <summary>Opens the server's page and waits until it is live.</summary>
    public async Task<Tab> GoLiveAsync(Uri server)
    {
        await Page.GoToAsync(server.ToString());
        await UntilPillAsync("Live");
        return this;
    }

    /// <summary>Waits until an expression of the page is true.</summary>
    public async Task UntilAsync(string expression)
    {
        try
        {
            await Page.WaitForFunctionAsync($"() => {expression}", new WaitForFunctionOptions { Timeout = Limit, PollingInterval = 20 });
        }
        catch (WaitTaskTimeoutException)
        {
            var shown = await Page.EvaluateExpressionAsync<string>("document.body.innerText");
            Assert.Fail($"This has not become true: {expression}\nConsole: {string.Join('\n', Errors)}\nThe page shows:\n{shown}");
        }
    }

    public Task UntilPillAsync(string text) => UntilAsync($"document.getElementById('pill').textContent === '{text}'");

    /// <summary>Waits until the texts of all visible elements that match are these, in this order.</summary>
    public Task UntilTextsAsync(string selector, params string[] texts) =>
        UntilAsync($"JSON.stringify({Texts(selector)}) === JSON.stringify({System.Text.Json.JsonSerializer.Serialize(texts)})");

    public Task<string[]> TextsAsync(string selector) => Page.EvaluateExpressionAsync<string[]>(Texts(selector));

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private static string Texts(string selector) =>
        $"[...document.querySelectorAll('{selector}')].filter(e => e.checkVisibility()).map(e => e.innerText)";
}
