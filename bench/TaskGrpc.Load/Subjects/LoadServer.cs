using System.Diagnostics;
using Grpc.Core;
using TaskGrpc.Client;

namespace TaskGrpc.Load.Subjects;

/// <summary>The server under load.</summary>
internal sealed class LoadServer : Subject
{
    private LoadServer(Process process, Uri address, Uri http, DirectoryInfo? data)
        : base(process, address, data) => Http = http;

    /// <summary>The address for HTTP with JSON.</summary>
    public Uri Http { get; }

    /// <summary>The run measures the server, so no limit per organization or caller applies.</summary>
    private static readonly (string, string)[] Unlimited =
    [
        ("Limits__RequestsPerSecond", "0"), ("Limits__RequestsPerSecondBesideOthers", "0"), ("Watch__MaxOpenPerCaller", "20000"),
            ("Watch__MaxOpenPerOrganization", "20000"), ("Storage__CommandQueuePerOrganization", "10000"),
    ];

    /// <summary>The program that was built with this tool.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "TaskGrpc.Server.dll");

    /// <param name="kept">Data that outlives the server; null for fresh data, deleted with the server.</param>
    /// <param name="settings">Settings besides the addresses and the data.</param>
    public static Task<LoadServer> StartAsync(DirectoryInfo? kept = null, params (string Key, string Value)[] settings) =>
        StartAsync(Program, kept, settings);

    public static async Task<LoadServer> StartAsync(string program, DirectoryInfo? kept, params (string Key, string Value)[] settings)
    {
        var data = kept ?? Directory.CreateTempSubdirectory("taskgrpc-load-");
        var http = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        (string, string)[] own = [("Storage__DataDirectory", data.FullName), ("Kestrel__Endpoints__Grpc__Url", "http://127.0.0.1:0"),
            ("Kestrel__Endpoints__Http__Url", http.ToString())];
        var (process, address) = await StartAsync(program, [],
            [.. own, .. Unlimited,
                .. settings.Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value))]);
        return new LoadServer(process, address, http, kept is null ? data : null);
    }

    /// <summary>A user's client, on one connection; each call names its organization.</summary>
    public TaskGrpcClient Connect() => new(new TaskGrpcClientOptions
    {
        Address = Address,
        MaxAttempts = 1,
        ConfigureHandler = handler => handler.EnableMultipleHttp2Connections = false,
        Metadata = new Metadata { { "x-actor-id", "load" }, { "x-actor-type", "service" } },
    });
}
