using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.Server.Calls;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hostile;

/// <summary>For any bytes as a request, the answer is a clear status, and the server continues to serve.</summary>
public abstract class HostileRequestTests(ServerFixture fixture, ITestOutputHelper output)
{
    /// <summary>
    /// The number of requests per call and sort: fifty thousand in all on SQLite, fewer on PostgreSQL, where the same code reads them.
    /// TASKGRPC_HOSTILE_REQUESTS overrides it.
    /// </summary>
    private int Requests =>
        Environment.GetEnvironmentVariable("TASKGRPC_HOSTILE_REQUESTS") is { } chosen
        ? int.Parse(chosen, CultureInfo.InvariantCulture) : fixture is SqliteServer ? 400 : 60;

    private static readonly StatusCode[] Clear =
    [
        StatusCode.OK, StatusCode.InvalidArgument, StatusCode.NotFound, StatusCode.AlreadyExists, StatusCode.FailedPrecondition,
            StatusCode.Aborted, StatusCode.OutOfRange,
        StatusCode.PermissionDenied, StatusCode.Unauthenticated, StatusCode.ResourceExhausted, StatusCode.Unavailable,
            StatusCode.DeadlineExceeded,
    ];

    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

    public static TheoryData<string> Calls =>
        [.. ServedContract.Services.SelectMany(service => service.Methods).Select(method => method.FullName)];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Random_bytes_and_mutated_requests_Get_a_clear_status(string name)
    {
        var method = ServedContract.Services.SelectMany(service => service.Methods).Single(method => method.FullName == name);
        var organization = fixture.NewOrganization();
        using var client = fixture.Server.Client(organization);
        var ids = await ExistingIds.CreateAsync(client);
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc, new GrpcChannelOptions { MaxRetryAttempts = 1 });
        var codes = new System.Collections.Concurrent.ConcurrentDictionary<StatusCode, int>();
        var seed = Environment.TickCount;
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async worker =>
        {
            var random = new Random(seed + worker);
            var valid = new ValidRequests(random, ids);
            for (var i = Interlocked.Increment(ref done); i <= 2 * Requests; i = Interlocked.Increment(ref done))
            {
                var bytes = i % 2 == 0 ? RandomBytes(random) : Mutated(random, valid.Of(method.InputType).ToByteArray());
                var status = await SendAsync(channel, organization, method, bytes);
                codes.AddOrUpdate(status.StatusCode, 1, (_, count) => count + 1);
                Assert.True(Clear.Contains(status.StatusCode), $"{status} on {Convert.ToBase64String(bytes)} (seed {seed})");
            }
        }));

        output.WriteLine(
            $"{name}: {string.Join(", ", codes.OrderByDescending(code => code.Value).Select(code => $"{code.Value} {code.Key}"))}");
        Assert.NotEmpty((await client.CreateAgentTaskAsync()).Id);
    }

    [Fact]
    public async Task Bytes_that_are_no_request_Are_refused_like_any_other_mistake()
    {
        using var client = fixture.NewClient();
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc);
        var call = channel.CreateCallInvoker()
            .AsyncUnaryCall(
                Method(AgentTaskService.Descriptor.FindMethodByName("GetAgentTask"), MethodType.Unary), null, default, [0xFF, 0xFF]);
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        var status = exception.GetRpcStatus()!;
        Assert.Equal(
            (StatusCode.InvalidArgument, "INVALID_FIELD"), (exception.StatusCode, status.GetDetail<Google.Rpc.ErrorInfo>()!.Reason));
    }

    [Fact]
    public async Task A_message_above_four_mebibytes_Is_refused_and_one_below_is_read()
    {
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc);
        var method = AgentTaskService.Descriptor.FindMethodByName("CreateAgentTask");
        byte[] Request(int size) => new CreateAgentTaskRequest { AgentTask = new() { Description = new string('x', size) } }.ToByteArray();
        Assert.Equal(StatusCode.InvalidArgument, (await SendAsync(channel, "org", method, Request((4 * 1024 * 1024) - 100))).StatusCode);
        Assert.Equal(StatusCode.ResourceExhausted, (await SendAsync(channel, "org", method, Request((4 * 1024 * 1024) + 100))).StatusCode);
    }

    private static async Task<Status> SendAsync(GrpcChannel channel, string organization, MethodDescriptor method, byte[] request)
    {
        // A long-poll or watch that happens to be valid would not end: its first answer, or a short time without one, is enough.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var options = new CallOptions(new Metadata { { "x-organization-id", organization } }, cancellationToken: limit.Token);
        try
        {
            if (method.IsServerStreaming)
            {
                using var stream = channel.CreateCallInvoker()
                    .AsyncServerStreamingCall(Method(method, MethodType.ServerStreaming), null, options, request);
                await stream.ResponseStream.MoveNext(limit.Token);
            }
            else
            {
                using var call = channel.CreateCallInvoker()
                    .AsyncUnaryCall(Method(method, MethodType.Unary), null,
                        options.WithDeadline(TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2)), request);
                await call.ResponseAsync;
            }

            return Status.DefaultSuccess;
        }
        catch (RpcException exception)
        {
            return exception.Status;
        }
    }

    private static Method<byte[], byte[]> Method(MethodDescriptor method, MethodType type) =>
        new(type, method.Service.FullName, method.Name, Bytes, Bytes);

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Changes, removes or doubles a few bytes; sometimes none, so that a valid request passes through.</summary>
    private static byte[] Mutated(Random random, byte[] valid)
    {
        var bytes = valid.ToList();
        for (var i = random.Next(3); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, random.Next(1, Math.Min(8, bytes.Count - at) + 1));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, random.Next(1, Math.Min(8, bytes.Count - at) + 1)));
                    break;
            }
        }

        return [.. bytes];
    }
}
