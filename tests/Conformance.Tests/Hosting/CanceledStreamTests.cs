using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hosting;

/// <summary>A caller that disconnects is not an incident: the fixture checks that nothing is logged as an error.</summary>
public sealed class CanceledStreamTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    private const int Times = 100;

    /// <summary>The number of answers to receive before the cancellation; 0 cancels the stream while it starts.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Reflection_that_is_canceled_Logs_nothing(int answers)
    {
        using var channel = GrpcChannel.ForAddress(server.Server.Grpc);
        var reflection = new ServerReflection.ServerReflectionClient(channel);
        var alpha = new Grpc.Reflection.V1Alpha.ServerReflection.ServerReflectionClient(channel);
        for (var i = 0; i < Times; i++)
        {
            await CancelAsync(reflection.ServerReflectionInfo(), new() { ListServices = "" }, answers);
            await CancelAsync(alpha.ServerReflectionInfo(), new() { AllExtensionNumbersOfType = "google.rpc.ErrorInfo" }, answers);
        }

        using var client = server.NewClient();
        await client.CreateAgentTaskAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_watch_of_health_or_changes_that_is_canceled_Logs_nothing(int answers)
    {
        using var channel = GrpcChannel.ForAddress(server.Server.Grpc);
        var (health, changes) = (new Health.HealthClient(channel), new WatchService.WatchServiceClient(channel));
        for (var i = 0; i < Times; i++)
        {
            await CancelAsync(health.Watch(new()), answers);
            await CancelAsync(changes.Watch(new() { Snapshot = i % 2 == 0 }), answers);
        }

        while (server.Server.OpenWatches > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static async Task CancelAsync<TRequest, TResponse>(
        AsyncDuplexStreamingCall<TRequest, TResponse> call, TRequest request, int answers)
    {
        using (call)
        {
            for (var i = 0; i < answers; i++)
            {
                await call.RequestStream.WriteAsync(request);
                Assert.True(await call.ResponseStream.MoveNext(default));
            }

            // The server is sending one more message when the test cancels the stream.
            _ = call.RequestStream.WriteAsync(request).ContinueWith(write => write.Exception, TaskScheduler.Default);
        }
    }

    private static async Task CancelAsync<TResponse>(AsyncServerStreamingCall<TResponse> call, int answers)
    {
        using (call)
        {
            for (var i = 0; i < answers; i++)
            {
                Assert.True(await call.ResponseStream.MoveNext(default));
            }
        }
    }
}
