using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

public sealed class ClientTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    /// <summary>A GOAWAY frame that says: the server has accepted no stream, and there is no error (RFC 9113 §6.8).</summary>
    private static readonly byte[] GoAway = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [Fact]
    public async Task The_same_request_object_sent_twice_Makes_two_tasks_and_is_left_as_it_was()
    {
        using var client = server.NewClient();
        var request = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask() };

        var first = await client.AgentTasks.CreateAgentTaskAsync(request);
        var second = await client.AgentTasks.CreateAgentTaskAsync(request);

        Assert.NotEqual(first.Id, second.Id);
        Assert.Empty(request.RequestId);
    }

    [Fact]
    public async Task A_request_id_of_the_callers_own_Is_kept()
    {
        using var client = server.NewClient();
        var request = new CreateAgentTaskRequest { AgentTask = Sample.AgentTask(), RequestId = Guid.NewGuid().ToString() };
        Assert.Equal(await client.AgentTasks.CreateAgentTaskAsync(request), client.AgentTasks.CreateAgentTask(request));
    }

    [Fact]
    public async Task A_call_with_a_lost_answer_Is_repeated_without_a_second_effect()
    {
        var organization = server.NewOrganization();
        using var handler = new LossyHandler();
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = server.Server.Grpc,
            HttpHandler = handler,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            Metadata = new Metadata { { "x-organization-id", organization } },
        });

        handler.LoseNext = 2;
        var task = await client.CreateAgentTaskAsync();

        Assert.Equal(3, handler.Sent);
        Assert.Equal([task], (await client.AgentTasks.ListAgentTasksAsync(new())).AgentTasks);
        Assert.Equal(1, (await client.AgentTasks.ListAgentTasksAsync(new())).Revision);
    }

    [Fact]
    public async Task A_connection_that_a_server_closes_in_peace_as_it_shuts_down_Is_made_again()
    {
        var organization = server.NewOrganization();
        await using var leaving = new RawEndpoint(async (stream, stop) =>
        {
            await stream.WriteAsync(GoAway, stop);
            await stream.CopyToAsync(Stream.Null, stop);
        });
        await using var balancer = new Balancer(server.Server.Grpc.Port, leaving.Address.Port);
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = balancer.Address,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            Metadata = new Metadata { { "x-organization-id", organization } },
        });

        Assert.Equal(organization, (await client.CreateAgentTaskAsync()).OrganizationId);
        Assert.True(leaving.Connections > 0);
    }

    [Fact]
    public async Task A_refusal_Is_one_exception_on_every_kind_of_call()
    {
        using var client = server.NewClient();
        var request = new CreateAgentTaskRequest { AgentTask = new() { Title = "x", TaskType = "x" } };

        var fromAsync = await Assert.ThrowsAsync<TaskGrpcException>(() => client.AgentTasks.CreateAgentTaskAsync(request).ResponseAsync);
        var fromBlocking = Assert.Throws<TaskGrpcException>(() => client.AgentTasks.CreateAgentTask(request));
        var fromStream =
            await Assert.ThrowsAsync<TaskGrpcException>(() => WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 9 }));

        Assert.Equal((StatusCode.InvalidArgument, ErrorReason.InvalidField), (fromAsync.StatusCode, fromAsync.Reason));
        Assert.Equal([new FieldViolation("agent_task.source_type", "is required")], fromAsync.FieldViolations);
        Assert.Equal(fromAsync.FieldViolations, fromBlocking.FieldViolations);
        Assert.Equal((ErrorReason.RevisionInFuture, "0"), (fromStream.Reason, fromStream.Details["current_revision"]));
        Assert.Null(fromStream.RetryDelay);
    }

    [Fact]
    public async Task An_unreachable_server_Is_the_same_exception_without_a_reason()
    {
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = new Uri("http://127.0.0.1:1"), MaxAttempts = 1 });
        var exception = await Assert.ThrowsAsync<TaskGrpcException>(() => client.CreateAgentTaskAsync());
        Assert.Equal(
            (StatusCode.Unavailable, ErrorReason.Unspecified, 0), (exception.StatusCode, exception.Reason, exception.Details.Count));
    }

    [Fact]
    public async Task A_call_that_takes_too_long_Ends_by_the_default_deadline()
    {
        using var handler = new SilentHandler();
        using var client = new TaskGrpcClient(
            new TaskGrpcClientOptions
            {
                Address = server.Server.Grpc,
                HttpHandler = handler,
                CallTimeout = TimeSpan.FromMilliseconds(50)
            });
        var exception = await Assert.ThrowsAsync<TaskGrpcException>(() => client.CreateAgentTaskAsync());
        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
    }

    [Fact]
    public async Task Metadata_of_the_call_Comes_before_the_clients_own()
    {
        var (own, other) = (server.NewOrganization(), server.NewOrganization());
        using var client = server.Server.Client(own);
        var task = await client.AgentTasks.CreateAgentTaskAsync(
            new() { AgentTask = Sample.AgentTask() }, new Metadata { { "x-organization-id", other } });
        Assert.Equal((other, "anna"), (task.OrganizationId, task.CreatedByUserId));
    }

    [Fact]
    public void Options_that_cannot_work_Are_refused_at_once()
    {
        Assert.Throws<ValidationException>(() => new TaskGrpcClient(new TaskGrpcClientOptions()));
        Assert.Throws<ValidationException>(() =>
            new TaskGrpcClient(new TaskGrpcClientOptions { Address = server.Server.Grpc, MaxAttempts = 0 }));
        Assert.Throws<ArgumentNullException>(() => new TaskGrpcClient(null!));
    }

    [Fact]
    public async Task AddTaskGrpcClient_Registers_one_client_for_the_application()
    {
        await using var services =
            new ServiceCollection().AddTaskGrpcClient(options => options.Address = server.Server.Grpc).BuildServiceProvider();
        var client = services.GetRequiredService<TaskGrpcClient>();
        Assert.Same(client, services.GetRequiredService<TaskGrpcClient>());
        Assert.Equal("default", (await client.CreateAgentTaskAsync()).OrganizationId);
    }

    [Fact]
    public async Task Every_call_and_every_watch_Gets_a_new_access_token()
    {
        using var handler = new RecordingHandler();
        var asked = 0;
        using var client = new TaskGrpcClient(
            new TaskGrpcClientOptions
            {
                Address = server.Server.Grpc,
                HttpHandler = handler,
                AccessToken = _ => ValueTask.FromResult($"token-{++asked}")
            });
        await client.CreateAgentTaskAsync();
        await client.CreateAgentTaskAsync();
        using (await WatchProbe.OpenAsync(client))
        {
            Assert.Equal(["Bearer token-1", "Bearer token-2", "Bearer token-3"], handler.Authorizations);
        }
    }

    [Fact]
    public void An_access_token_Is_not_sent_in_the_clear_over_a_network() =>
        Assert.Throws<ValidationException>(() =>
            new TaskGrpcClient(
                new TaskGrpcClientOptions
                {
                    Address = new Uri("http://tasks.example:5080"),
                    AccessToken = _ => ValueTask.FromResult("x")
                }));

    [Fact]
    public async Task A_long_poll_May_take_as_long_as_it_asks_for()
    {
        using var client = new TaskGrpcClient(
            new TaskGrpcClientOptions
            {
                Address = server.Server.Grpc,
                CallTimeout = TimeSpan.FromMilliseconds(500),
                Metadata = new Metadata { { "x-organization-id", server.NewOrganization() } }
            });
        var page = await client.Changes.ListChangesAsync(new() { Wait = new() { Seconds = 1 } });
        Assert.Empty(page.Events);
    }

    [Fact]
    public async Task A_call_Is_traced_with_its_outcome()
    {
        var activities = new System.Collections.Concurrent.ConcurrentQueue<System.Diagnostics.Activity>();
        using var listener = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = source => source.Name == TaskGrpcTelemetry.ActivitySourceName,
            Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) =>
                System.Diagnostics.ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activities.Enqueue,
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        using var client = server.NewClient();
        using var test = new System.Diagnostics.Activity("test").Start();
        await client.CreateAgentTaskAsync();
        await Assert.ThrowsAsync<TaskGrpcException>(() =>
            client.AgentTasks.GetAgentTaskAsync(new() { Id = Guid.NewGuid().ToString() }).ResponseAsync);

        var own = activities.Where(activity => activity.ParentId == test.Id).ToArray();
        Assert.Equal(["taskgrpc.v1.AgentTaskService/CreateAgentTask", "taskgrpc.v1.AgentTaskService/GetAgentTask"],
            own.Select(activity => activity.DisplayName));
        Assert.Equal([0, 5], own.Select(activity => activity.GetTagItem("rpc.grpc.status_code")));
        Assert.Equal("ResourceNotFound", own[1].GetTagItem("error.type"));
    }

    /// <summary>Records the authorization header of each call.</summary>
    private sealed class RecordingHandler() : DelegatingHandler(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
    {
        public List<string> Authorizations { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Authorizations.Add(request.Headers.Authorization!.ToString());
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Sends the request and then loses the answer, like a cut connection.</summary>
    private sealed class LossyHandler() : DelegatingHandler(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
    {
        public int LoseNext { get; set; }

        public int Sent { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent++;
            var response = await base.SendAsync(request, cancellationToken);
            if (LoseNext-- <= 0)
            {
                return response;
            }

            await response.Content.ReadAsByteArrayAsync(cancellationToken);
            throw new HttpRequestException("The connection was cut.", new IOException());
        }
    }

    private sealed class SilentHandler : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("This handler never answers.");
        }
    }
}
