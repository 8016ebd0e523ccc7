using System.Diagnostics;
using Grpc.Core;
using TaskGrpc.Client;

namespace TaskGrpc.Load;

/// <summary>The server under load, as a process on data of its own.</summary>
internal sealed class LoadServer : IDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _data;
    private readonly bool _ownsData;

    private LoadServer(Process process, DirectoryInfo data, bool ownsData) => (_process, _data, _ownsData) = (process, data, ownsData);

    public Uri Address { get; private init; } = new("http://127.0.0.1:0");

    /// <summary>Processor time that the server has used so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Memory that the server holds.</summary>
    public long MemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a server.</summary>
    /// <param name="kept">Data that outlives the server; null for fresh data that goes with it.</param>
    /// <param name="settings">Settings beside the addresses and the data.</param>
    public static async Task<LoadServer> StartAsync(DirectoryInfo? kept = null, params (string Key, string Value)[] settings)
    {
        var data = kept ?? Directory.CreateTempSubdirectory("taskgrpc-load-");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TaskGrpc.Server.dll")]) { RedirectStandardOutput = true };
        start.Environment["Storage__DataDirectory"] = data.FullName;
        start.Environment["Kestrel__Endpoints__Grpc__Url"] = "http://127.0.0.1:0";
        start.Environment["Kestrel__Endpoints__Http__Url"] = "http://127.0.0.1:0";
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var process = Process.Start(start)!;
        Uri? address = null;
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("Application started", StringComparison.Ordinal))
        {
            const string said = "Now listening on: ";
            if (address is null && line.IndexOf(said, StringComparison.Ordinal) is var at && at >= 0)
            {
                address = new Uri(line[(at + said.Length)..]);
            }
        }

        // Goes on being read, so that the server never waits for somebody to take its log.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        return new LoadServer(process, data, ownsData: kept is null) { Address = address ?? throw new InvalidOperationException("The server did not start.") };
    }

    /// <summary>A client on one connection, or as many as it takes; the organization comes with each call.</summary>
    public TaskGrpcClient Connect(bool manyConnections = false) => new(new TaskGrpcClientOptions
    {
        Address = Address,
        MaxAttempts = 1,
        HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = manyConnections },
        Metadata = new Metadata { { "x-actor-id", "load" }, { "x-actor-type", "service" } },
    });

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        if (_ownsData)
        {
            _data.Delete(recursive: true);
        }
    }
}
