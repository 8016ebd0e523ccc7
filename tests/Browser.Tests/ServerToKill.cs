using TaskGrpc.TestKit;

namespace TaskGrpc.Browser.Tests;

/// <summary>A server in its own process, which a test kills and starts again on the same port.</summary>
internal sealed class ServerToKill : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServerProcess _process;

    public ServerToKill()
    {
        Http = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        var settings = new Dictionary<string, string> { ["Kestrel__Endpoints__Http__Url"] = Http.ToString() };
        _process = new ServerProcess(_folder.Path, settings: settings);
        Caller = new HttpCaller(Http);
    }

    public Uri Http { get; }

    public HttpCaller Caller { get; }

    public Task StartAsync() => _process.StartAsync();

    public Task KillAsync() => _process.KillAsync();

    /// <summary>Deletes the database of a server that is not running.</summary>
    public void Forget()
    {
        Directory.Delete(_folder.Path, recursive: true);
        Directory.CreateDirectory(_folder.Path);
    }

    public void Dispose()
    {
        Caller.Dispose();
        _process.Dispose();
        _folder.Dispose();
    }
}
