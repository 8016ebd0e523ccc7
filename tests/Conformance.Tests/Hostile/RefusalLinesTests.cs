using System.Globalization;
using Google.Protobuf;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hostile;

/// <summary>Under any flood of refused requests, the log of a server in its default settings grows by a few lines a second.</summary>
public sealed class RefusalLinesTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Create = "/taskgrpc.v1.AgentTaskService/CreateAgentTask";
    private const string Reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

    /// <summary>The number of connections that the server accepts.</summary>
    private const int Connections = 20;

    // The burst and rate of RefusalLog; an entry is two lines on the console.
    private const int Burst = 20;
    private const int PerSecond = 5;
    private const int LinesOfEntry = 2;

    private static readonly byte[] Body = RawCalls.Frame(new CreateAgentTaskRequest { AgentTask = Sample.AgentTask() }.ToByteArray());

    private readonly TemporaryFolder _folder = new();
    private readonly int _tlsPort = LoopbackPort.Free();
    private ServerProcess? _server;

    /// <summary>How often each hostile act is repeated. TASKGRPC_HOSTILE_REQUESTS overrides it.</summary>
    private static int Times =>
        Environment.GetEnvironmentVariable("TASKGRPC_HOSTILE_REQUESTS") is { } chosen
            ? int.Parse(chosen, CultureInfo.InvariantCulture) : 300;

    private ServerProcess Server => _server!;

    private Uri Tls => new($"http://127.0.0.1:{_tlsPort}");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.Path);
        using var issuer = new TestIssuer(_folder.Path);
        using var authority = new TestAuthority(Path.Combine(_folder.Path, "authority"));
        var settings =
            issuer.Settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value!);
        settings["Limits__Connections"] = $"{Connections}";
        settings["Kestrel__Endpoints__Tls__Url"] = $"https://127.0.0.1:{_tlsPort}";
        settings["Kestrel__Endpoints__Tls__Certificate__Path"] =
            settings["Kestrel__Endpoints__Tls__Certificate__KeyPath"] = authority.WriteServer();
        _server = new ServerProcess(Path.Combine(_folder.Path, "data"), settings: settings);
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync()
    {
        Server.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Refused_callers_Cannot_fill_the_log()
    {
        using var calls = new RawCalls(Server.Address);
        (string What, Func<Task> Act)[] acts =
        [
            ("no token", () => calls.PostAsync(Create, Body)),
            ("a bad token", () => calls.PostAsync(Create, Body, ("authorization", "Bearer nonsense"))),
            ("a path in another case", () => calls.PostAsync(Create.ToUpperInvariant(), Body)),
            ("a path with a slash", () => calls.PostAsync(Create + "/", Body)),
            ("no such method", () => calls.PostAsync("/no.such.Service/Call", Body)),
            ("a bad flag", () => calls.PostAsync(Create, RawCalls.Frame([], flag: 7))),
            ("a bad length", () => calls.PostAsync(Create, RawCalls.Frame([], length: uint.MaxValue))),
            ("a bad length on a stream", () => calls.PostAsync(Reflection, RawCalls.Frame([], length: uint.MaxValue))),
            ("no gzip", () => calls.PostAsync(Create, RawCalls.Frame([1], flag: 1), ("grpc-encoding", "gzip"))),
            ("no such compression", () => calls.PostAsync(Create, RawCalls.Frame([1], flag: 1), ("grpc-encoding", "zstd"))),
            ("too large", () => calls.PostAsync(Create, RawCalls.Frame([], length: int.MaxValue))),
            ("no request", () => calls.PostAsync(Create, RawCalls.Frame([0xFF]))),
            ("metadata too large", () => calls.PostAsync(Create, Body, ("x-large", new string('x', 40_000)))),
            ("a head beyond Kestrel's limits", () => UntilClosedAsync(Server.Address, HugeHead())),
            ("no HTTP/2", () => UntilClosedAsync(Server.Address, "GET / HTTP/1.1\r\n\r\n"u8.ToArray())),
            ("no TLS", () => UntilClosedAsync(Tls, "GET / HTTP/1.1\r\n\r\n"u8.ToArray())),
            ("a call that is taken back", TakeBackAsync),
        ];
        var began = TimeProvider.System.GetTimestamp();
        var before = Server.Output.Count;
        foreach (var (what, act) in acts)
        {
            var lines = Server.Output.Count;
            for (var i = 0; i < Times; i++)
            {
                await act();
            }

            output.WriteLine($"{Times} × {what}: {Server.Output.Count - lines} lines");
        }

        await IsBoundedAsync(began, before);
    }

    [Fact]
    public async Task Connections_too_many_Cannot_fill_the_log()
    {
        var began = TimeProvider.System.GetTimestamp();
        var before = Server.Output.Count;
        var open = Enumerable.Range(0, Connections).Select(_ => new RawConnection(Server.Address)).ToList();
        foreach (var connection in open)
        {
            await connection.SayHelloAsync();
        }

        for (var i = 0; i < Times; i++)
        {
            await UntilClosedAsync(Server.Address, []);
        }

        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }

        var told = await IsBoundedAsync(began, before);
        Assert.Contains(told, line => line.Contains("Limits:Connections is reached", StringComparison.Ordinal));
    }

    private async Task<List<string>> IsBoundedAsync(long began, int before)
    {
        await Server.TerminateAsync();
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var told = Server.Output.Skip(before).ToList();
        output.WriteLine($"{told.Count} lines in {seconds:F0} s");
        Assert.True(told.Count <= LinesOfEntry * (Burst + (PerSecond * (seconds + 2))),
            string.Join(Environment.NewLine, told.TakeLast(50)));
        Assert.DoesNotContain(
            told, line => line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal));
        return told;
    }

    private static byte[] HugeHead() =>
    [
        .. RawConnection.Preface, .. RawConnection.Head(1, Create, isWhole: false),
        .. Enumerable.Range(0, 40).SelectMany(i => RawConnection.Continuation(1, isLast: i == 39, ($"x-{i}", new string('x', 8192)))),
    ];

    private static async Task UntilClosedAsync(Uri server, byte[] bytes)
    {
        await using var connection = new RawConnection(server);
        await connection.SendAsync(bytes);
        await connection.UntilClosedAsync();
    }

    private async Task TakeBackAsync()
    {
        await using var connection = new RawConnection(Server.Address);
        await connection.SayHelloAsync();
        await connection.SendAsync([.. RawConnection.Head(1, Create), .. RawConnection.Part(1, Body)]);
        await connection.SendAsync([.. RawConnection.Head(3, Reflection), .. RawConnection.Part(3, Body)]);
        await connection.SendAsync([.. RawConnection.Reset(1), .. RawConnection.Reset(3)]);
    }
}
