using PuppeteerSharp;
using TaskGrpc.Browser.Tests;
using Xunit;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Chromium))]
// Most of a test's time is waiting: for a browser to come back, or for a server to start.
[assembly: Parallelization(MaxThreads = 6)]

namespace TaskGrpc.Browser.Tests;

/// <summary>The machine's Chromium, one process for all tests; each test opens its own tabs.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Missing = "Chromium is not on this machine (Debian: apt-get install chromium); .ci/run installs it.";

    private IBrowser? _browser;

    private static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "google-chrome" }.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Program is not null)
        {
            // Its sandbox does not run as root, and the pages are our own.
            _browser = await Puppeteer.LaunchAsync(new LaunchOptions { ExecutablePath = Program, Args = ["--no-sandbox"] });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
    }

    /// <summary>Opens an empty tab with its own cache.</summary>
    internal async Task<Tab> OpenAsync(int width = 1280, string scheme = "light")
    {
        Assert.SkipWhen(_browser is null, Missing);
        var context = await _browser.CreateBrowserContextAsync();
        var page = await context.NewPageAsync();
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 800 });
        await page.EmulateMediaFeaturesAsync(
            [new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = scheme }]);
        return new Tab(context, page);
    }
}
