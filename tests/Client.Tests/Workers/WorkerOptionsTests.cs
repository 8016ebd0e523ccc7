using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests.Workers;

public sealed class WorkerOptionsTests
{
    private static readonly Uri Address = new("http://127.0.0.1:5080");

    private static readonly Action<TaskGrpcWorkerOptions>[] Right =
    [
        _ => { },
        options => (options.Concurrency, options.Filter) = (1000, "task_type = refund"),
        options => (options.LeaseDuration, options.Wait) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1)),
        options => (options.LeaseDuration, options.Wait) = (TimeSpan.FromHours(24), TimeSpan.FromSeconds(60)),
        options => (options.ShutdownTimeout, options.RetryDelay) = (TimeSpan.Zero, TimeSpan.Zero),
        options => (options.ShutdownTimeout, options.Worker) = (Timeout.InfiniteTimeSpan, new string('x', 256)),
    ];

    public static TheoryData<string, Action<TaskGrpcWorkerOptions>> Wrong() => new()
    {
        { "Filter", options => options.Filter = null! },
        { "Concurrency", options => options.Concurrency = 0 },
        { "Concurrency", options => options.Concurrency = 1001 },
        { "between 5 s and 24 h", options => options.LeaseDuration = TimeSpan.FromMilliseconds(4999) },
        { "LeaseDuration", options => options.LeaseDuration = TimeSpan.FromHours(25) },
        { "LeaseDuration", options => options.LeaseDuration = Timeout.InfiniteTimeSpan },
        { "between 1 s and 60 s", options => options.Wait = TimeSpan.FromMilliseconds(999) },
        { "Wait", options => options.Wait = TimeSpan.FromSeconds(61) },
        { "Worker", options => options.Worker = "" },
        { "Worker", options => options.Worker = new string('x', 257) },
        { "ShutdownTimeout", options => options.ShutdownTimeout = TimeSpan.FromSeconds(-2) },
        { "RetryDelay", options => options.RetryDelay = Timeout.InfiniteTimeSpan },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_option_Is_refused_by_the_worker_and_by_the_start_of_a_host(string message, Action<TaskGrpcWorkerOptions> set)
    {
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = Address });
        var options = new TaskGrpcWorkerOptions();
        set(options);
        var refusal = Assert.Throws<ValidationException>(
            () => new TaskGrpcWorker<AgentTask>(client, options, (_, _) => Task.CompletedTask));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);

        using var host = new HostBuilder().ConfigureServices(services => services
            .AddTaskGrpcClient(own => own.Address = Address)
            .AddTaskGrpcWorker<AgentTask>(set, (_, _) => Task.CompletedTask)).Build();
        var stop = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains(message, stop.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_at_its_bound_Is_taken_and_copied()
    {
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = Address });
        foreach (var set in Right)
        {
            var options = new TaskGrpcWorkerOptions();
            set(options);
            Assert.NotNull(new TaskGrpcWorker<BoardTask>(client, options, (_, _) => Task.CompletedTask));
        }

        Assert.Contains($"{Environment.ProcessId}", new TaskGrpcWorkerOptions().Worker, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_nobody_can_claim_Is_refused() => Assert.Throws<NotSupportedException>(
        () => new ServiceCollection().AddTaskGrpcWorker<IClaimable>(_ => { }, (_, _) => Task.CompletedTask));
}
