using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>A test with its own server, because the page shows the organization 'default' only, and with a tab.</summary>
public abstract class PageServer(Chromium chromium) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    private protected TestServer Server { get; private set; } = null!;

    private protected HttpCaller Caller { get; private set; } = null!;

    private protected Tab Tab { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Tab = await chromium.OpenAsync();
        Server = await TestServer.StartAsync(_folder.Path);
        Caller = new HttpCaller(Server.Http);
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Tab.DisposeAsync();
            Caller.Dispose();
            await Server.DisposeAsync();
        }

        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
