using System.Net;
using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hostile;

/// <summary>A path is one sequence of bytes: one that only looks like it is an unknown method, and no error in the log.</summary>
public sealed class PathTests : IAsyncLifetime
{
    private static readonly string[] Served =
    [
        "/taskgrpc.v1.AgentTaskService/CreateAgentTask", "/taskgrpc.v1.WatchService/Watch", "/grpc.health.v1.Health/Check",
            "/grpc.health.v1.Health/Watch",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    ];

    private readonly TemporaryFolder _folder = new();
    private TestServer? _open;
    private TestServer? _guarded;
    private TestIssuer? _issuer;

    private static List<string> Unknown()
    {
        List<string> data =
        [
            "/", "//", "/taskgrpc.v1.AgentTaskService", "/taskgrpc.v1.AgentTaskService/NoSuchCall",
            "/no.such.Service/Call", "/healthz", "/no/such/thing/at/all",
        ];
        foreach (var path in Served)
        {
            var slash = path.LastIndexOf('/');
            data.Add(path.ToLowerInvariant());
            data.Add(path.ToUpperInvariant());
            data.Add(path[..(slash + 1)] + char.ToLowerInvariant(path[slash + 1]) + path[(slash + 2)..]);
            data.Add(path + "/");
            data.Add(path + "//");
            data.Add("/" + path);
            data.Add(path.Replace("/", "//", StringComparison.Ordinal));
            data.Add(path + "?");
            data.Add(path + "?a=b");
            data.Add(path.Replace("v1", "%761", StringComparison.Ordinal));
            data.Add(path[..slash] + "%2F" + path[(slash + 1)..]);
            data.Add(path[..slash] + "/./" + path[(slash + 1)..]);
            data.Add(path[..slash] + "/x/../" + path[(slash + 1)..]);
        }

        return data;
    }

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.Path);
        _issuer = new TestIssuer(_folder.Path);
        _open = await TestServer.StartAsync(Path.Combine(_folder.Path, "open"));
        _guarded = await TestServer.StartAsync(Path.Combine(_folder.Path, "guarded"), settings: _issuer.Settings);
    }

    public async ValueTask DisposeAsync()
    {
        await _open!.DisposeAsync();
        await _guarded!.DisposeAsync();
        _issuer!.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_other_path_Is_an_unknown_method_with_a_token_and_without()
    {
        var body = RawCalls.Frame(new CreateAgentTaskRequest { AgentTask = Sample.AgentTask() }.ToByteArray());
        foreach (var server in new[] { _open!, _guarded! })
        {
            using var calls = new RawCalls(server.Grpc);
            foreach (var path in Unknown())
            {
                var answer = await calls.PostAsync(path, body);
                Assert.True(answer is { Http: HttpStatusCode.OK, Code: StatusCode.Unimplemented, IsTrailersOnly: true },
                    $"{path}: {answer}");
                Assert.Contains("no such method", answer.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task The_exact_path_Is_served_with_any_body()
    {
        using var calls = new RawCalls(_open!.Grpc);
        Assert.Equal(StatusCode.OK, (await calls.PostAsync("/grpc.health.v1.Health/Check", RawCalls.Frame([]))).Code);
        Assert.Equal(StatusCode.OK, (await calls.PostAsync("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", [])).Code);
        Assert.Equal(
            StatusCode.InvalidArgument, (await calls.PostAsync("/taskgrpc.v1.AgentTaskService/CreateAgentTask", RawCalls.Frame([]))).Code);
        using var guarded = new RawCalls(_guarded!.Grpc);
        Assert.Equal(StatusCode.Unauthenticated,
            (await guarded.PostAsync("/taskgrpc.v1.AgentTaskService/CreateAgentTask", RawCalls.Frame([]))).Code);
    }
}
