using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using TaskGrpc.V1;

namespace TaskGrpc.Client.Tests;

/// <summary>The samples of docs/csharp.md, compiled and run; a test holds the two together.</summary>
internal static class CSharpPage
{
    public static async Task ChangeAsync(TaskGrpcClient client, AgentTask task)
    {
        // The sample change begins.
        var changed = await client.UpdateAgentTaskAsync(task.Id, own =>
        {
            own.Priority -= 10;
            own.Description += "The customer called again.";
        });
        Console.WriteLine($"Priority {changed.Priority}: {changed.Description}");
        // The sample ends.
    }

    public static async Task WaitAsync(TaskGrpcClient client, AgentTask task)
    {
        // The sample wait begins.
        try
        {
            var end = await client.WaitForAgentTaskAsync(
                task.Id,
                own => own.Status is AgentTaskStatus.Completed or AgentTaskStatus.Failed or AgentTaskStatus.Canceled,
                TimeSpan.FromMinutes(5));
            Console.WriteLine($"The task ended as {end.Status}");
        }
        catch (TimeoutException late)
        {
            Console.WriteLine(late.Message);
        }
        // The sample ends.
    }

    public static async Task PagesAsync(TaskGrpcClient client)
    {
        // The sample pages begins.
        string? stored = null;
        await foreach (var page in client.ListAgentTasksAsync(new() { PageSize = 100, OrderBy = "created_at" }).AsPages(stored))
        {
            Console.WriteLine($"{page.Items.Count} tasks as of revision {page.Revision}");
            stored = page.NextPageToken;
        }
        // The sample ends.
    }

    public static async Task ResumeAsync(TaskGrpcClient client, Action<string> print)
    {
        // The sample resume begins.
        var stored = "";
        var request = stored.Length > 0 ? new WatchRequest { ResumeToken = stored } : new WatchRequest { AfterRevision = 0 };
        await foreach (var item in client.WatchAsync(request).Events())
        {
            print($"{item.Change.Revision}: {item.Change.Type}");
            stored = item.ResumeToken ?? stored;
        }
        // The sample ends.
    }

    public static async Task ApplicationAsync(Uri address, string[] args, CancellationToken stop)
    {
        // The sample application begins.
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddTaskGrpcClient(builder.Configuration.GetSection("Tasks"));
        builder.Services.AddTaskGrpcClient("billing", (services, options) =>
        {
            options.Address = address;
            options.AccessToken = services.GetRequiredService<Tokens>().GetAsync;
        });
        builder.Services.AddHealthChecks().AddTaskGrpcClient().AddTaskGrpcClient("billing");
        builder.Services.AddOpenTelemetry()
            .WithTracing(traces => traces.AddSource(TaskGrpcTelemetry.ActivitySourceName))
            .WithMetrics(metrics => metrics.AddMeter(TaskGrpcTelemetry.MeterName));
        builder.Services.AddSingleton<Tokens>().AddHostedService<Follower>();
        await builder.Build().RunAsync(stop);
        // The sample ends.
    }

    public static async Task WorkerAsync(Uri address, string[] args, CancellationToken stop)
    {
        // The sample worker begins.
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddTaskGrpcClient(options => options.Address = address);
        builder.Services.AddTaskGrpcWorker<AgentTask>(
            options =>
            {
                options.Filter = "task_type = \"refund\"";
                options.Concurrency = 8;
            },
            async (work, cancellationToken) =>
            {
                if (work.Resource.Status == AgentTaskStatus.Planning)
                {
                    await work.RequestApprovalAsync("May I pay 20 euros?", cancellationToken);
                    return null;
                }

                await work.ReportAsync(50, "The bank has the order.");
                return Value.ForString("paid");
            });
        await builder.Build().RunAsync(stop);
        // The sample ends.
    }

    public static TaskGrpcClient Mock()
    {
        // The sample mock begins.
        var client = Substitute.For<TaskGrpcClient>();
        client.CreateAsync(Arg.Any<AgentTask>()).Returns(new AgentTask { Id = "1", Title = "made" });
        client.ListAgentTasksAsync().ReturnsForAnyArgs(new ResourceList<AgentTask>([new AgentTask { Title = "listed" }]));
        client.GetAgentTaskAsync("2").ThrowsAsync(new TaskGrpcException(ErrorReason.ResourceNotFound, "No such task."));
        // The sample ends.
        return client;
    }

    // The sample tokens begins.
    internal sealed class Tokens
    {
        private Token _token = new("", DateTimeOffset.MinValue);

        public async ValueTask<string> GetAsync(CancellationToken stop)
        {
            if (_token.Expires < TimeProvider.System.GetUtcNow().AddMinutes(1))
            {
                _token = await AskIssuerAsync(stop);
            }

            return _token.Text;
        }

        private static Task<Token> AskIssuerAsync(CancellationToken stop) =>
            Task.FromResult(new Token("token-of-your-issuer", TimeProvider.System.GetUtcNow().AddHours(1)));

        private sealed record Token(string Text, DateTimeOffset Expires);
    }
    // The sample ends.

    // The sample work handler begins.
    internal sealed class RefundHandler(Tokens tokens) : ITaskGrpcWorkHandler<AgentTask>
    {
        public async Task<Value?> HandleAsync(TaskGrpcWork<AgentTask> work, CancellationToken cancellationToken)
        {
            var token = await tokens.GetAsync(cancellationToken);
            return Value.ForString($"{work.Resource.Title}: paid with a token of {token.Length} characters");
        }
    }
    // The sample ends.

    // The sample service begins.
    internal sealed class Follower([FromKeyedServices("billing")] TaskGrpcClient client) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await foreach (var item in client.WatchAsync(cancellationToken: stoppingToken).Events(stoppingToken))
            {
                Console.WriteLine($"Revision {item.Change.Revision}: {item.Change.Type}");
            }
        }
    }
    // The sample ends.
}
