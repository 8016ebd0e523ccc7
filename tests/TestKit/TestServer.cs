using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskGrpc.Client;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Server.Protocols.InProcess;
using TaskGrpc.Server.Resources.Work;
using TaskGrpc.Server.Watching;
using TaskGrpc.TestKit.Json;
using Xunit;

namespace TaskGrpc.TestKit;

/// <summary>A real server in this process, with real sockets and a real database in its own folder.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ErrorLog _errors;
    private readonly List<string> _expected = [];
    private bool _stopped;

    private TestServer(WebApplication app, ErrorLog errors)
    {
        _app = app;
        _errors = errors;
        var addresses = app.Urls.ToArray();
        Grpc = new Uri(addresses[0]);
        Http = new Uri(addresses[1]);
    }

    public Uri Grpc { get; }

    public Uri Http { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The number of watches open on the server.</summary>
    public int OpenWatches => Services.GetRequiredService<OpenWatches>().Count;

    /// <summary>The number of claims that wait for work on the server.</summary>
    public int WaitingClaims => Services.GetRequiredService<WaitingClaims>().Count;

    /// <summary>The errors that the server has logged so far.</summary>
    public IReadOnlyCollection<string> Errors => _errors.Errors;

    public static async Task<TestServer> StartAsync(string dataDirectory, TimeProvider? time = null,
        IDictionary<string, string?>? settings = null, Action<IServiceCollection>? replace = null,
        TestProtocol protocol = TestProtocol.Grpc)
    {
        // An empty folder, so that only the test sets the server's settings.
        Directory.CreateDirectory(dataDirectory);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = dataDirectory });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kestrel:Endpoints:Grpc:Url"] = "http://127.0.0.1:0",
            ["Kestrel:Endpoints:Grpc:Protocols"] = "Http2",
            ["Kestrel:Endpoints:Http:Url"] = "http://127.0.0.1:0",
            ["Kestrel:Endpoints:Http:Protocols"] = "Http1",
            ["Storage:DataDirectory"] = dataDirectory,
            // Tests need the full rate; tests of the limit set it.
            ["Limits:RequestsPerSecond"] = "0",
            ["Limits:RequestsPerSecondBesideOthers"] = "0",
            // The webhook receivers of the tests are on this machine.
            ["Delivery:AllowHttp"] = "true",
            ["Delivery:AllowedNetworks:0"] = "127.0.0.0/8",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        var errors = new ErrorLog();
        builder.Logging.ClearProviders().AddProvider(errors);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.AddTaskGrpc();
        replace?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapTaskGrpc();
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new TestServer(app, errors) { Protocol = protocol };
    }

    /// <summary>How its clients call it.</summary>
    public TestProtocol Protocol { get; init; }

    /// <summary>A client for an actor of an organization; every unary call has a deadline.</summary>
    public TaskGrpcClient Client(string organization, string actor = "anna", string type = "user", int maxAttempts = 1)
    {
        var options = new TaskGrpcClientOptions
        {
            Address = Grpc,
            MaxAttempts = maxAttempts,
            Metadata = new Metadata { { "x-organization-id", organization }, { "x-actor-id", actor }, { "x-actor-type", type } },
        };
        return Protocol switch
        {
            TestProtocol.InProcess => new(Services.GetRequiredService<InProcessInvoker>(), options),
            TestProtocol.Json => new(new JsonInvoker(Http), options),
            _ => new(options),
        };
    }

    /// <summary>Removes the whole log up to now, as if its retention had passed.</summary>
    public Task<int> CompactAsync() =>
        Services.GetRequiredService<Compactor>().CompactAsync(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1), default);

    /// <summary>Expects errors in the log that contain this text.</summary>
    public void ExpectErrors(string part) => _expected.Add(part);

    public async Task StopAsync()
    {
        _stopped = true;
        await _app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            await StopAsync();
        }

        await _app.DisposeAsync();
        var errors = _errors.Errors.Where(error => !_expected.Any(part => error.Contains(part, StringComparison.Ordinal))).ToList();
        Assert.True(errors.Count == 0, string.Join(Environment.NewLine, errors));
    }
}
