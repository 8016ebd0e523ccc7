using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Server.Protocols.InProcess;

namespace TaskGrpc.Load.Subjects;

/// <summary>The server in this process, called in-process.</summary>
internal sealed class NearbyServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _data;

    private NearbyServer(WebApplication app, DirectoryInfo data) => (_app, _data) = (app, data);

    /// <summary>The CPU time of this process so far, the callers' share included.</summary>
    public static TimeSpan Cpu => Environment.CpuUsage.TotalTime;

    public CallInvoker Invoker => _app.Services.GetRequiredService<InProcessInvoker>();

    public static async Task<NearbyServer> StartAsync()
    {
        var data = Directory.CreateTempSubdirectory("taskgrpc-load-");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:DataDirectory"] = data.FullName,
            ["Kestrel:Endpoints:Grpc:Url"] = "http://127.0.0.1:0",
            ["Limits:RequestsPerSecond"] = "0",
            ["Limits:RequestsPerSecondBesideOthers"] = "0",
        });
        builder.AddTaskGrpc();
        var app = builder.Build();
        app.MapTaskGrpc();
        await app.StartAsync();
        return new NearbyServer(app, data);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
