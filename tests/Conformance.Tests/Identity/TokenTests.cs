using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.Server.Calls;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using Duration = Google.Protobuf.WellKnownTypes.Duration;

namespace TaskGrpc.Conformance.Tests.Identity;

/// <summary>Every call with every sort of token: allowed callers pass, and all others are refused.</summary>
public sealed class TokenTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);

    private readonly TemporaryFolder _folder = new();
    private TestIssuer? _issuer;
    private TestServer? _server;

    private TestIssuer Issuer => _issuer!;

    private TestServer Server => _server!;

    private static IEnumerable<MethodDescriptor> Calls => ServedContract.Services.SelectMany(service => service.Methods);

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.Path);
        _issuer = new TestIssuer(_folder.Path);
        _server = await TestServer.StartAsync(Path.Combine(_folder.Path, "data"), settings: _issuer.Settings);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Issuer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_call_Answers_every_sort_of_token_with_exactly_the_right_code()
    {
        using var otherIssuer = new TestIssuer(Directory.CreateDirectory(Path.Combine(_folder.Path, "otherIssuer")).FullName);
        using var channel = GrpcChannel.ForAddress(Server.Grpc);
        var all = string.Join(' ', Calls.Select(ScopeOf).Distinct());
        var cases = 0;
        foreach (var call in Calls)
        {
            var scope = ScopeOf(call);
            var others = string.Join(' ', all.Split(' ').Where(other => other != scope));
            var good = Issuer.Token(scope);
            (string What, Metadata Headers, StatusCode Code, string Reason)[] refused =
            [
                ("no token", [], StatusCode.Unauthenticated, "TOKEN_MISSING"),
                ("another scheme", new Metadata { { "authorization", "Basic YW5uYTpzZWNyZXQ=" } }, StatusCode.Unauthenticated,
                    "TOKEN_MISSING"),
                ("nonsense", TestIssuer.Header("nonsense"), StatusCode.Unauthenticated, "TOKEN_INVALID"),
                ("expired", TestIssuer.Header(Issuer.Token(scope, lifetime: TimeSpan.FromMinutes(-1))), StatusCode.Unauthenticated,
                    "TOKEN_INVALID"),
                ("another issuer", TestIssuer.Header(Issuer.Token(scope, issuer: "https://elsewhere.test")), StatusCode.Unauthenticated,
                    "TOKEN_INVALID"),
                ("another key", TestIssuer.Header(otherIssuer.Token(scope)), StatusCode.Unauthenticated, "TOKEN_INVALID"),
                ("another audience", TestIssuer.Header(Issuer.Token(scope, audience: "elsewhere")), StatusCode.Unauthenticated,
                    "TOKEN_INVALID"),
                ("alg none", TestIssuer.Header(Issuer.Token(scope, isSigned: false)), StatusCode.Unauthenticated, "TOKEN_INVALID"),
                ("tampered", TestIssuer.Header(Tampered(good)), StatusCode.Unauthenticated, "TOKEN_INVALID"),
                ("no organization", TestIssuer.Header(Issuer.Token(scope, organization: " ")), StatusCode.Unauthenticated,
                    "TOKEN_INVALID"),
                ("another's name up to U+0000", TestIssuer.Header(Issuer.Token(scope, organization: "org\0x")),
                    StatusCode.Unauthenticated, "TOKEN_INVALID"),
                ("an actor with a line break", TestIssuer.Header(Issuer.Token(scope, actor: "anna\nroot")), StatusCode.Unauthenticated,
                    "TOKEN_INVALID"),
                ("unknown sort of actor", TestIssuer.Header(Issuer.Token(scope, type: "robot")), StatusCode.Unauthenticated,
                    "TOKEN_INVALID"),
                ("all scopes but the right one", TestIssuer.Header(Issuer.Token(others)), StatusCode.PermissionDenied, "SCOPE_MISSING"),
                ("no scope", TestIssuer.Header(Issuer.Token("")), StatusCode.PermissionDenied, "SCOPE_MISSING"),
            ];
            foreach (var (what, headers, code, reason) in refused)
            {
                var status = await SendAsync(channel, call, headers);
                Assert.True(status.Code == code && status.Reason == reason, $"{call.FullName} with {what}: {status}");
                cases++;
            }

            foreach (var admitted in new[] { good, Issuer.Token("admin"), Issuer.Token(scope, type: null) })
            {
                var status = await SendAsync(channel, call, TestIssuer.Header(admitted));
                Assert.True(status.Code is not (
                    StatusCode.Unauthenticated or StatusCode.PermissionDenied or StatusCode.Internal or StatusCode.Unknown),
                        $"{call.FullName}: {status}");
                cases++;
            }
        }

        output.WriteLine($"{Calls.Count()} calls, {cases} cases.");
    }

    [Fact]
    public async Task A_resource_of_another_organization_Cannot_be_told_from_one_that_is_not_there()
    {
        using var owner = TestIssuer.Client(Server, Issuer.Token("admin", "one"));
        using var other = TestIssuer.Client(Server, Issuer.Token("admin", "two"));
        var task = await owner.CreateAgentTaskAsync();
        var missing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        foreach (var ask in new Func<string, Task>[]
        {
            id => other.AgentTasks.GetAgentTaskAsync(new() { Id = id }).ResponseAsync,
            id => other.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { id } }).ResponseAsync,
            id => other.AgentTasks.DeleteAgentTaskAsync(new() { Id = id }).ResponseAsync,
            id => other.AgentTasks.ApproveAgentTaskAsync(new() { Id = id, Etag = task.Etag }).ResponseAsync,
        })
        {
            var (theirs, none) = (await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => ask(task.Id)),
                await Refusal.OfAsync(ErrorReason.ResourceNotFound, () => ask(missing)));
            Assert.Equal(none.Status.Detail.Replace(missing, task.Id, StringComparison.Ordinal), theirs.Status.Detail);
            Assert.Equal(none.Details.Select(detail => (detail.Key, detail.Value.Replace(missing, task.Id, StringComparison.Ordinal))),
                theirs.Details.Select(detail => (detail.Key, detail.Value)));
        }
    }

    [Fact]
    public async Task The_actor_Is_the_tokens_with_any_metadata()
    {
        using var channel = GrpcChannel.ForAddress(Server.Grpc);
        var tasks = new AgentTaskService.AgentTaskServiceClient(channel);
        var headers = TestIssuer.Header(Issuer.Token("tasks:write tasks:read", "one", "anna"));
        headers.Add("x-organization-id", "two");
        headers.Add("x-actor-id", "mallory");
        var task = await tasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask() }, headers);
        Assert.Equal("one", task.OrganizationId);
        using var reader = TestIssuer.Client(Server, Issuer.Token("tasks:read", "one"));
        var change = Assert.Single((await reader.Changes.ListChangesAsync(new())).Events).Change;
        Assert.Equal(("anna", ActorType.User), (change.Actor.Id, change.Actor.Type));
    }

    [Theory]
    [InlineData("tasks:write", false)]
    [InlineData("tasks:write tasks:approve", true)]
    [InlineData("admin", true)]
    public async Task Making_approval_easier_Takes_the_scope_to_approve(string scopes, bool allowed)
    {
        using var owner = TestIssuer.Client(Server, Issuer.Token("admin"));
        using var client = TestIssuer.Client(Server, Issuer.Token(scopes, actor: "bob"));
        var sample = Sample.AgentTask();
        sample.RequiredApprovals = 2;
        var task = await owner.CreateAgentTaskAsync(sample);
        foreach (var change in new AgentTask[] { new() { ApprovalPolicy = ApprovalPolicy.AutoExecute }, new() { RequiredApprovals = 1 } })
        {
            change.Id = task.Id;
            var update = () => client.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = change }).ResponseAsync;
            if (allowed)
            {
                Assert.NotEqual(task, await update());
            }
            else
            {
                await Refusal.OfAsync(ErrorReason.ApproverNotAllowed, update);
            }
        }
    }

    [Fact]
    public async Task T24_A_stream_Ends_with_its_token_and_a_new_token_goes_on_from_there()
    {
        using var writer = TestIssuer.Client(Server, Issuer.Token("admin"));
        using var brief = TestIssuer.Client(Server, Issuer.Token("tasks:read", lifetime: TimeSpan.FromSeconds(3)));
        using var watch = await WatchProbe.OpenAsync(brief, new WatchRequest { AfterRevision = 0 });
        await writer.CreateAgentTaskAsync();
        await watch.UntilAsync(1);
        var ended = await EndAsync(watch);
        Assert.Equal((StatusCode.Unauthenticated, ErrorReason.TokenInvalid), (ended.StatusCode, ended.Reason));

        await writer.CreateAgentTaskAsync();
        using var renewed = TestIssuer.Client(Server, Issuer.Token("tasks:read"));
        using var resumed = await WatchProbe.OpenAsync(renewed, new WatchRequest { AfterRevision = 1 });
        await resumed.UntilAsync(2);
    }

    [Fact]
    public async Task A_ListChanges_that_waits_Waits_no_longer_than_its_token_is_valid()
    {
        var lifetime = TimeSpan.FromSeconds(3);
        using var brief = TestIssuer.Client(Server, Issuer.Token("tasks:read", "waiting", lifetime: lifetime));
        var asked = TimeProvider.System.GetTimestamp();
        Assert.Empty((await brief.Changes.ListChangesAsync(new() { Wait = new() { Seconds = 60 } })).Events);
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

        using var reader = TestIssuer.Client(Server, Issuer.Token("tasks:read", "waiting"));
        foreach (var wait in new Duration[] { new() { Seconds = 1, Nanos = -1 }, new() { Nanos = 2_000_000_000 },
            new() { Seconds = 3600 } })
        {
            await Refusal.OfAsync(ErrorReason.InvalidField, () => reader.Changes.ListChangesAsync(new() { Wait = wait }).ResponseAsync);
        }
    }

    [Fact]
    public async Task T24_A_stream_Ends_when_its_issuers_key_is_withdrawn()
    {
        using var successor = new TestIssuer(Directory.CreateDirectory(Path.Combine(_folder.Path, "successor")).FullName);
        using var reader = TestIssuer.Client(Server, Issuer.Token("tasks:read"));
        using var watch = await WatchProbe.OpenAsync(reader, new WatchRequest { AfterRevision = 0 });
        Issuer.Publish(successor);
        var ended = await EndAsync(watch);
        Assert.Equal((StatusCode.Unauthenticated, ErrorReason.TokenInvalid), (ended.StatusCode, ended.Reason));
        using var next = TestIssuer.Client(Server, successor.Token("tasks:write"));
        Assert.NotEmpty((await next.CreateAgentTaskAsync()).Id);
    }

    [Fact]
    public async Task A_remembered_token_Is_refused_once_its_key_is_withdrawn_and_accepted_again_once_the_key_is_back()
    {
        using var successor = new TestIssuer(Directory.CreateDirectory(Path.Combine(_folder.Path, "successor")).FullName);
        using TaskGrpc.Client.TaskGrpcClient old = TestIssuer.Client(Server, Issuer.Token("tasks:read")),
            next = TestIssuer.Client(Server, successor.Token("tasks:read"));
        await old.Changes.ListChangesAsync(new());
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => next.Changes.ListChangesAsync(new()).ResponseAsync);
        Issuer.Publish(successor);
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => old.Changes.ListChangesAsync(new()).ResponseAsync);
        await next.Changes.ListChangesAsync(new());
        Issuer.Publish(Issuer);
        await Refusal.OfAsync(ErrorReason.TokenInvalid, () => next.Changes.ListChangesAsync(new()).ResponseAsync);
        await old.Changes.ListChangesAsync(new());
    }

    [Fact]
    public async Task A_remembered_token_Ends_with_its_time()
    {
        using var brief = TestIssuer.Client(Server, Issuer.Token("tasks:read", lifetime: TimeSpan.FromSeconds(2)));
        var asked = TimeProvider.System.GetTimestamp();
        await brief.Changes.ListChangesAsync(new());
        await Refusal.OfAsync(ErrorReason.TokenInvalid, async () =>
        {
            while (TimeProvider.System.GetElapsedTime(asked) < TimeSpan.FromSeconds(30))
            {
                await brief.Changes.ListChangesAsync(new());
            }
        });
    }

    private static async Task<Client.TaskGrpcException> EndAsync(WatchProbe watch) =>
        await Assert.ThrowsAsync<Client.TaskGrpcException>(async () =>
    {
        while (true)
        {
            await watch.NextAsync();
        }
    });

    private static string ScopeOf(MethodDescriptor call) => call.GetOptions().GetExtension(OptionsExtensions.RequiredScope);

    /// <summary>The same token with a changed organization.</summary>
    private static string Tampered(string token)
    {
        var parts = token.Split('.');
        var payload = System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]))
            .Replace("\"org\":\"org\"", "\"org\":\"two\"", StringComparison.Ordinal);
        return $"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(payload))}.{parts[2]}";
    }

    private static async Task<(StatusCode Code, string Reason, string Detail)> SendAsync(
        GrpcChannel channel, MethodDescriptor call, Metadata headers)
    {
        var type = call.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary;
        var method = new Method<byte[], byte[]>(type, call.Service.FullName, call.Name, Bytes, Bytes);
        try
        {
            if (call.IsServerStreaming)
            {
                using var stream = channel.CreateCallInvoker().AsyncServerStreamingCall(method, null, new CallOptions(headers), []);
                await stream.ResponseStream.MoveNext(default);
            }
            else
            {
                await channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(headers), []).ResponseAsync;
            }

            return (StatusCode.OK, "", "");
        }
        catch (RpcException exception)
        {
            return (exception.StatusCode, exception.GetRpcStatus()?.GetDetail<Google.Rpc.ErrorInfo>()?.Reason ?? "",
                exception.Status.Detail);
        }
    }
}
