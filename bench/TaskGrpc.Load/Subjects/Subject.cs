using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Net.Client;

namespace TaskGrpc.Load.Subjects;

/// <summary>A measured process with its own data.</summary>
internal abstract class Subject : IDisposable
{
    private static readonly ConcurrentDictionary<Process, bool> Running = [];

    private readonly Process _process;
    private readonly DirectoryInfo? _data;

    /// <summary>Kills the subjects when this tool exits; otherwise they would run on.</summary>
    static Subject() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Keys)
        {
            process.Kill(entireProcessTree: true);
        }
    };

    /// <param name="process">The process; the subject kills it on Dispose.</param>
    /// <param name="address">The address that it listens on.</param>
    /// <param name="data">Its data, deleted with it; null to keep the data.</param>
    protected Subject(Process process, Uri address, DirectoryInfo? data)
    {
        (_process, Address, _data) = (process, address, data);
        Running[process] = true;
    }

    public Uri Address { get; }

    /// <summary>Its CPU time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long MemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <exception cref="InvalidOperationException">The process has exited by itself.</exception>
    public void RequireRunning()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"{GetType().Name} has exited by itself with code {_process.ExitCode}.");
        }
    }

    /// <summary>A plain channel, the same for all subjects, with one connection by default.</summary>
    public GrpcChannel Channel(bool manyConnections = false) => GrpcChannel.ForAddress(Address, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = manyConnections },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = null,
    });

    public void Dispose()
    {
        Running.TryRemove(_process, out _);
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _data?.Delete(recursive: true);
    }

    /// <summary>Starts a .NET program and waits until it has printed its address and that it has started.</summary>
    protected static async Task<(Process Process, Uri Address)> StartAsync(
        string program, IEnumerable<string> arguments, IEnumerable<(string Key, string Value)> environment)
    {
        var start = program.EndsWith(".dll", StringComparison.Ordinal)
            ? new ProcessStartInfo("dotnet", [program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.RedirectStandardOutput = true;
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var process = Process.Start(start)!;
        Uri? address = null;
        var output = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("Application started", StringComparison.Ordinal))
        {
            output.Add(line);
            const string said = "Now listening on: ";
            if (address is null && line.IndexOf(said, StringComparison.Ordinal) is var at && at >= 0)
            {
                address = new Uri(line[(at + said.Length)..]);
            }
        }

        // Keep reading, so that the program never blocks on a full pipe.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        return (process, address ?? throw new InvalidOperationException($"{program} did not start:\n{string.Join('\n', output)}"));
    }
}
