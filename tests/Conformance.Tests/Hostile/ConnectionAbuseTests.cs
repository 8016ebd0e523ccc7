using Google.Protobuf;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hostile;

/// <summary>Abuse costs only its own connection: the server serves others meanwhile, and its memory stays bounded.</summary>
public sealed class ConnectionAbuseTests : IAsyncLifetime
{
    private const string Create = "/taskgrpc.v1.AgentTaskService/CreateAgentTask";
    private const string Watch = "/taskgrpc.v1.WatchService/Watch";
    private const long MostBytes = 200L * 1024 * 1024;

    private readonly TemporaryFolder _folder = new();
    private TestServer? _server;

    private TestServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Streams_canceled_at_once_over_and_over_Leave_others_served()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var message = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask() }.ToByteArray();
        await using var connection = new RawConnection(Server.Grpc);
        await connection.SayHelloAsync();
        var abusing = Task.Run(async () =>
        {
            for (var round = 0; round < 100; round++)
            {
                var frames = new List<byte>();
                for (var i = 0; i < 100; i++)
                {
                    var stream = (((round * 100) + i) * 2) + 1;
                    frames.AddRange(RawConnection.Head(stream, Create));
                    frames.AddRange(RawConnection.Message(stream, message));
                    frames.AddRange(RawConnection.Reset(stream));
                }

                if (!await connection.SendAsync([.. frames]))
                {
                    return;
                }
            }
        });
        await ServesOthersAsync();
        await abusing;
        await ServesOthersAsync();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MostBytes);
    }

    [Fact]
    public async Task Thousands_of_streams_that_say_nothing_Leave_others_served()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var connection = new RawConnection(Server.Grpc);
        await connection.SayHelloAsync();
        for (var stream = 1; stream < 10_000; stream += 2)
        {
            // The head of a call that never sends its message.
            if (!await connection.SendAsync(RawConnection.Head(stream, stream % 4 == 1 ? Create : Watch)))
            {
                break;
            }
        }

        await ServesOthersAsync();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MostBytes);
    }

    [Fact]
    public async Task A_mebibyte_of_headers_Ends_the_connection()
    {
        await using var connection = new RawConnection(Server.Grpc);
        await connection.SayHelloAsync();
        await connection.SendAsync(RawConnection.Head(1, Create, isWhole: false));
        for (var i = 0; i < 128; i++)
        {
            if (!await connection.SendAsync(RawConnection.Continuation(1, isLast: i == 127, ($"x-{i}", new string('x', 8192)))))
            {
                break;
            }
        }

        await connection.UntilClosedAsync();
        await ServesOthersAsync();
    }

    [Fact]
    public async Task A_thousand_connections_that_say_nothing_Leave_others_served()
    {
        var connections = Enumerable.Range(0, 1000).Select(_ => new RawConnection(Server.Grpc)).ToList();
        await connections[0].SendAsync("PRI * HTTP/2"u8.ToArray());
        await ServesOthersAsync();
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task ServesOthersAsync()
    {
        using var client = Server.Client("other");
        var task = await client.CreateAgentTaskAsync();
        Assert.Equal(task, await client.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id }));
    }
}
