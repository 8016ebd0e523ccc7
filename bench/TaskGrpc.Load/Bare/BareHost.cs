using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TaskGrpc.Load.Bare;

/// <summary>The bare server's process: gRPC on Kestrel with the settings of the server under test, and none of its code.</summary>
internal static class BareHost
{
    /// <param name="database">A file with the server's schema, for the calls that need one; null for none.</param>
    public static async Task RunAsync(string? database)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None).AddFilter("Grpc", LogLevel.Warning);
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(_ =>
            new BareStore(database ?? throw new InvalidOperationException("This bare server was started without a database.")));
        builder.Services.AddSingleton<BareHub>().AddSingleton<BareEndpoint>().AddSingleton<BareBytes>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = 2000;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.MapGrpcService<BareEndpoint>();
        app.MapGrpcService<BareBytes>();
        await app.StartAsync();
        Console.WriteLine($"Now listening on: {app.Urls.First()}");
        Console.WriteLine("Application started");
        await app.WaitForShutdownAsync();
    }
}
