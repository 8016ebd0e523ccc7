using System.IO.Compression;
using Google.Protobuf;
using Grpc.Core;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hostile;

/// <summary>
/// The server refuses a body that is not a valid gRPC frame with a clear message, and never reads a part of a message as a whole one. The
/// fixture checks that nothing is logged as an error.
/// </summary>
public sealed class FrameTests : IClassFixture<SqliteServer>, IDisposable
{
    private const string Create = "/taskgrpc.v1.AgentTaskService/CreateAgentTask";
    private const string Delete = "/taskgrpc.v1.AgentTaskService/DeleteAgentTask";
    private const string Watch = "/taskgrpc.v1.WatchService/Watch";
    private const string Reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    private const string Check = "/grpc.health.v1.Health/Check";

    private readonly SqliteServer _server;
    private readonly RawCalls _calls;

    public FrameTests(SqliteServer server) => (_server, _calls) = (server, new RawCalls(server.Server.Grpc));

    public static TheoryData<string, byte[]> Bodies()
    {
        var message = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask() }.ToByteArray();
        var whole = RawCalls.Frame(message);
        var data = new TheoryData<string, byte[]>();
        foreach (var path in new[] { Create, Watch, Check, Reflection })
        {
            data.Add(path, RawCalls.Frame(message, flag: 7));
            data.Add(path, RawCalls.Frame(message, flag: 2));
            data.Add(path, RawCalls.Frame(message, length: 0x8000_0000));
            data.Add(path, RawCalls.Frame(message, length: uint.MaxValue));
            data.Add(path, whole[..3]);
            data.Add(path, whole[..^1]);
        }

        foreach (var path in new[] { Create, Watch, Check })
        {
            data.Add(path, []);
            data.Add(path, [.. RawCalls.Frame([]), .. RawCalls.Frame([])]);
            data.Add(path, [.. RawCalls.Frame([]), 0]);
        }

        return data;
    }

    public static TheoryData<string, string> Compressed()
    {
        var data = new TheoryData<string, string>();
        foreach (var path in new[] { Create, Watch, Check, Reflection })
        {
            data.Add(path, "gzip");
            data.Add(path, "deflate");
        }

        return data;
    }

    public void Dispose() => _calls.Dispose();

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_that_is_no_frame_Is_refused(string path, byte[] body) =>
        Refused(await _calls.PostAsync(path, body), "Use a gRPC library");

    [Theory]
    [MemberData(nameof(Compressed))]
    public async Task Garbage_for_compressed_data_Is_refused(string path, string encoding)
    {
        var small = Compress(encoding, [10, 0]);
        byte[][] garbage =
        [
            [0], [.. "\0\u0001\u0002\u0003garbage that is longer than any head"u8],
            [.. small[..^1], (byte)(small[^1] ^ 1)], [.. small, 0], encoding == "gzip" ? [.. small, .. small] : [0, .. small],
        ];
        foreach (var data in garbage)
        {
            Refused(await _calls.PostAsync(path, RawCalls.Frame(data, flag: 1), ("grpc-encoding", encoding)), $"is not valid {encoding}");
        }
    }

    [Theory]
    [InlineData("gzip", CompressionLevel.Fastest)]
    [InlineData("gzip", CompressionLevel.NoCompression)]
    [InlineData("deflate", CompressionLevel.Fastest)]
    [InlineData("deflate", CompressionLevel.NoCompression)]
    public async Task A_compressed_message_that_was_cut_anywhere_Is_not_taken_for_a_shorter_one(string encoding, CompressionLevel level)
    {
        using var client = _server.NewClient();
        var task = await client.CreateAgentTaskAsync();
        var request = Compress(encoding, new DeleteAgentTaskRequest { Id = task.Id, Etag = "not the present one" }.ToByteArray(), level);
        (string, string)[] headers = [("grpc-encoding", encoding), ("x-organization-id", task.OrganizationId)];
        for (var length = 1; length < request.Length; length++)
        {
            Refused(await _calls.PostAsync(Delete, RawCalls.Frame(request[..length], flag: 1), headers), $"is not valid {encoding}");
        }

        Assert.Equal("ETAG_MISMATCH", (await _calls.PostAsync(Delete, RawCalls.Frame(request, flag: 1), headers)).Reason);
        var whole = Compress(encoding, new DeleteAgentTaskRequest { Id = task.Id, Etag = task.Etag }.ToByteArray(), level);
        Assert.Equal(StatusCode.OK, (await _calls.PostAsync(Delete, RawCalls.Frame(whole, flag: 1), headers)).Code);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_message_Is_bounded_once_it_is_decompressed(string encoding)
    {
        byte[] Request(int size) =>
            Compress(encoding, new CreateAgentTaskRequest { AgentTask = new() { Description = new string('x', size) } }.ToByteArray());
        var (headers, limit) = (("grpc-encoding", encoding), 4 * 1024 * 1024);
        Assert.Equal("INVALID_FIELD", (await _calls.PostAsync(Create, RawCalls.Frame(Request(limit - 100), flag: 1), headers)).Reason);
        var bomb = await _calls.PostAsync(Create, RawCalls.Frame(Request(100 * limit), flag: 1), headers);
        Assert.Equal(StatusCode.ResourceExhausted, bomb.Code);
        Assert.Contains("decompressed", bomb.Message, StringComparison.Ordinal);
        Assert.Equal(
            StatusCode.ResourceExhausted, (await _calls.PostAsync(Create, RawCalls.Frame(Request(limit + 100), flag: 1), headers)).Code);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task An_empty_message_Compresses_to_nothing_in_NET_and_is_taken(string encoding)
    {
        Assert.Empty(Compress(encoding, []));
        Assert.Equal(StatusCode.OK, (await _calls.PostAsync(Check, RawCalls.Frame([], flag: 1), ("grpc-encoding", encoding))).Code);
    }

    [Theory]
    [InlineData(null, StatusCode.Internal)]
    [InlineData("identity", StatusCode.Internal)]
    [InlineData("zstd", StatusCode.Unimplemented)]
    public async Task A_compression_that_is_not_named_or_not_known_Keeps_the_code_that_gRPC_gives_it(string? encoding, StatusCode code)
    {
        foreach (var path in new[] { Create, Watch, Check, Reflection })
        {
            var answer = await _calls.PostAsync(path, RawCalls.Frame([1], flag: 1), encoding is null ? [] : [("grpc-encoding", encoding)]);
            Assert.Equal(code, answer.Code);
            Assert.NotEmpty(answer.Message);
        }
    }

    [Fact]
    public async Task A_call_canceled_in_the_middle_of_its_body_Is_no_error()
    {
        var message = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask() }.ToByteArray();
        await using (var connection = new RawConnection(_server.Server.Grpc))
        {
            await connection.SayHelloAsync();
            for (var i = 0; i < 500; i++)
            {
                var stream = (i * 2) + 1;
                var head = RawConnection.Head(stream, i % 2 == 0 ? Create : Reflection);
                await connection.SendAsync([.. head, .. RawConnection.Part(stream, message)]);
                await connection.SendAsync(RawConnection.Reset(stream));
            }
        }

        // The connection also ends in the middle of a frame.
        await using (var connection = new RawConnection(_server.Server.Grpc))
        {
            await connection.SayHelloAsync();
            await connection.SendAsync([.. RawConnection.Head(1, Create), .. RawConnection.Part(1, message)]);
        }

        using var client = _server.NewClient();
        await client.CreateAgentTaskAsync();
    }

    private static void Refused(RawCalls.Answer answer, string words)
    {
        Assert.Equal((StatusCode.InvalidArgument, "INVALID_FIELD"), (answer.Code, answer.Reason));
        Assert.Contains(words, answer.Message, StringComparison.Ordinal);
        Assert.True(answer.IsTrailersOnly);
    }

    private static byte[] Compress(string encoding, byte[] message, CompressionLevel level = CompressionLevel.Fastest)
    {
        var compressed = new MemoryStream();
        using (Stream stream = encoding == "gzip" ? new GZipStream(compressed, level) : new ZLibStream(compressed, level))
        {
            stream.Write(message);
        }

        return compressed.ToArray();
    }
}
