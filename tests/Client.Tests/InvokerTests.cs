using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>A client over the program's own invoker behaves like one over its own connection.</summary>
public sealed class InvokerTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    [Fact]
    public async Task Calls_lists_and_watches_Go_through_the_invoker_with_ids_deadlines_and_errors_as_usual()
    {
        using var channel = GrpcChannel.ForAddress(server.Server.Grpc);
        var seen = new Recorder();
        var options = new TaskGrpcClientOptions { Metadata = new Metadata { { "x-organization-id", server.NewOrganization() } } };
        using (var client = new TaskGrpcClient(channel.Intercept(seen), options))
        {
            var created = await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Sample.AgentTask() });
            Assert.True(Guid.TryParse(Assert.IsType<CreateAgentTaskRequest>(seen.Last).RequestId, out _));
            Assert.NotNull(seen.Deadline);
            Assert.Equal([created], await client.ListAgentTasksAsync().ToListAsync(TestContext.Current.CancellationToken));
            await foreach (
                var message in client.WatchAsync(
                    new WatchRequest { Snapshot = true }, cancellationToken: TestContext.Current.CancellationToken))
            {
                if (message.SnapshotComplete)
                {
                    break;
                }
            }

            var refused = await Refusal.OfAsync(ErrorReason.ResourceNotFound,
                () => client.AgentTasks.GetAgentTaskAsync(new() { Id = Guid.NewGuid().ToString() }).ResponseAsync);
            Assert.Contains("GetAgentTask at http://localhost", refused.Message, StringComparison.Ordinal);
        }

        // The channel belongs to the program, and is still open.
        await new AgentTaskService.AgentTaskServiceClient(channel).ListAgentTasksAsync(new(), options.Metadata);
    }

    [Fact]
    public async Task A_disposed_client_Makes_no_more_calls()
    {
        using var channel = GrpcChannel.ForAddress(server.Server.Grpc);
        var client = new TaskGrpcClient(channel.CreateCallInvoker(), new TaskGrpcClientOptions());
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.AgentTasks.ListAgentTasksAsync(new()).ResponseAsync);
    }

    [Fact]
    public void Wrong_options_and_no_invoker_Are_refused()
    {
        using var channel = GrpcChannel.ForAddress(server.Server.Grpc);
        var invoker = channel.CreateCallInvoker();
        Assert.Throws<ArgumentNullException>(() => new TaskGrpcClient(null!, new TaskGrpcClientOptions()));
        Assert.Throws<ArgumentNullException>(() => new TaskGrpcClient(invoker, null!));
        Assert.Contains("MaxAttempts",
            Assert.Throws<ValidationException>(() => new TaskGrpcClient(invoker, new() { MaxAttempts = 99 })).Message,
            StringComparison.Ordinal);
        Assert.Contains("Address",
            Assert.Throws<ValidationException>(() => new TaskGrpcClient(invoker, new() { Address = new Uri("ftp://127.0.0.1") })).Message,
            StringComparison.Ordinal);
    }

    private sealed class Recorder : Interceptor
    {
        public object? Last { get; private set; }

        public DateTime? Deadline { get; private set; }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context,
                AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            (Last, Deadline) = (request, context.Options.Deadline);
            return continuation(request, context);
        }
    }
}
