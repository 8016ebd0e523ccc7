using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Server.Protocols.InProcess;

namespace TaskGrpc.Testing;

/// <summary>The server from one start to the next stop.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    /// <summary>How many ports a start tries. Other programs may take one between the choice and the start.</summary>
    private const int MostPorts = 10;

    // Below the ports that the system gives to outgoing connections, so that none of these takes the port during a restart.
    private const int FirstPort = 10_000;
    private const int BeyondLastPort = 32_000;

    private readonly WebApplication _app;

    private RunningServer(WebApplication app, int port)
    {
        (_app, Port) = (app, port);
        Invoker = app.Services.GetRequiredService<InProcessInvoker>();
    }

    public CallInvoker Invoker { get; }

    /// <summary>The port where it listens; 0 for none.</summary>
    public int Port { get; }

    /// <param name="folder">Where the data is.</param>
    /// <param name="options">How it runs; with a clock.</param>
    /// <param name="port">The port of the server before; 0 for none.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="InvalidOperationException">The server does not start; the message says why.</exception>
    public static async Task<RunningServer> StartAsync(
        string folder, TaskGrpcTestServerOptions options, int port, CancellationToken cancellationToken)
    {
        if (!options.UseSocket || port != 0)
        {
            return await StartOnAsync(port, folder, options, cancellationToken).ConfigureAwait(false);
        }

        for (var left = MostPorts; ; left--)
        {
            try
            {
                var chosen = Random.Shared.Next(FirstPort, BeyondLastPort);
                return await StartOnAsync(chosen, folder, options, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidOperationException failure) when (failure.InnerException?.InnerException is AddressInUseException && left > 1)
            {
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await using (_app.ConfigureAwait(false))
        {
            await _app.StopAsync().ConfigureAwait(false);
        }
    }

    private static async Task<RunningServer> StartOnAsync(
        int port, string folder, TaskGrpcTestServerOptions options, CancellationToken cancellationToken)
    {
        // An empty builder reads no environment variable and no appsettings.json of the test.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(Defaults(folder)).AddInMemoryCollection(options.Settings);
        WebApplication? app = null;
        try
        {
            app = Build(builder, options, port);
            app.MapTaskGrpc();
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            return new RunningServer(app, port);
        }
        catch (Exception failure)
        {
            if (app is not null)
            {
                await app.DisposeAsync().ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
            var reason = StartRefusal.Describe(failure, builder.Configuration);
            throw new InvalidOperationException($"The test server does not start: {reason}", failure);
        }
    }

    private static WebApplication Build(WebApplicationBuilder builder, TaskGrpcTestServerOptions options, int port)
    {
        builder.Services.AddSingleton(options.TimeProvider!).AddSingleton<IHostLifetime, NoSignals>();
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        if (options.LoggerFactory is not null)
        {
            builder.Services.AddSingleton(options.LoggerFactory);
        }
        else if (options.Log is not null)
        {
            builder.Logging.AddProvider(new LineLog(options.Log));
        }

        if (options.UseSocket)
        {
            builder.WebHost.UseKestrelCore();
            builder.WebHost.ConfigureKestrel(
                kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        }
        else
        {
            builder.Services.AddSingleton<IServer, NoSocket>();
        }

        builder.AddTaskGrpc();
        KnownSettings.Of(builder.Services).Check(builder.Configuration);
        return builder.Build();
    }

    private static Dictionary<string, string?> Defaults(string folder) => new()
    {
        ["Storage:DataDirectory"] = folder,
        // A test calls as fast as it can.
        ["Limits:RequestsPerSecond"] = "0",
        ["Limits:RequestsPerSecondBesideOthers"] = "0",
        // The test receives webhooks on this machine.
        ["Delivery:AllowHttp"] = "true",
        ["Delivery:AllowedNetworks:0"] = "127.0.0.0/8",
        ["Delivery:AllowedNetworks:1"] = "::1/128",
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error",
        ["Logging:LogLevel:Grpc"] = "Warning",
    };
}
