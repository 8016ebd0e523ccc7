using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>Invalid options are refused where they are set, with a message that says what to set instead.</summary>
public sealed class OptionsTests
{
    private static readonly Uri Address = new("http://127.0.0.1:5080");

    private static readonly Action<TaskGrpcClientOptions>[] Right =
    [
        options => options.Address = new Uri("https://tasks.example"),
        options => options.MaxAttempts = 1,
        options => options.MaxAttempts = 10,
        options => options.MaxUpdateAttempts = 1,
        options => options.MaxUpdateAttempts = 100,
        options => options.CallTimeout = Timeout.InfiniteTimeSpan,
        options => options.CallTimeout = TimeSpan.FromDays(24),
        options => options.CallTimeout = TimeSpan.FromMilliseconds(1),
        options => (options.InitialBackoff, options.MaxBackoff) = (TimeSpan.FromDays(24), TimeSpan.FromDays(24)),
        options => options.MaxReceiveMessageSize = 1024,
        options => options.HttpHandler = new Wrapper(Multiplexed()),
        options => (options.Address, options.AccessToken) = (new Uri("https://tasks.example"), _ => new("x")),
    ];

    public static TheoryData<string, Action<TaskGrpcClientOptions>> Wrong() => new()
    {
        { "Address", options => options.Address = null },
        { "'tasks:5080/x' is neither http nor https", options => options.Address = new Uri("tasks:5080/x") },
        { "'/tasks' is not absolute", options => options.Address = new Uri("/tasks", UriKind.Relative) },
        { "has a path", options => options.Address = new Uri("http://127.0.0.1:5080/tasks") },
        { "has a path", options => options.Address = new Uri("http://127.0.0.1:5080/?x=1") },
        { "has a path", options => options.Address = new Uri("http://127.0.0.1:5080/#x") },
        { "has a user", options => options.Address = new Uri("http://anna@127.0.0.1:5080") },
        { "MaxAttempts", options => options.MaxAttempts = 0 },
        { "MaxAttempts", options => options.MaxAttempts = 11 },
        { "MaxAttempts", options => options.MaxAttempts = 99 },
        { "MaxUpdateAttempts", options => options.MaxUpdateAttempts = 0 },
        { "MaxUpdateAttempts", options => options.MaxUpdateAttempts = 101 },
        { "Metadata", options => options.Metadata = null! },
        { "TimeProvider", options => options.TimeProvider = null! },
        { "CallTimeout", options => options.CallTimeout = TimeSpan.Zero },
        { "CallTimeout", options => options.CallTimeout = TimeSpan.FromSeconds(-2) },
        { "It must be between 1 ms and 24 days, or Timeout.InfiniteTimeSpan", options => options.CallTimeout = TimeSpan.MaxValue },
        { "CallTimeout", options => options.CallTimeout = TimeSpan.FromDays(24) + TimeSpan.FromTicks(1) },
        { "InitialBackoff", options => options.InitialBackoff = TimeSpan.FromMicroseconds(999) },
        { "InitialBackoff", options => options.InitialBackoff = Timeout.InfiniteTimeSpan },
        { "InitialBackoff", options => options.InitialBackoff = TimeSpan.MaxValue },
        { "MaxBackoff", options => options.MaxBackoff = TimeSpan.Zero },
        { "MaxBackoff", options => options.MaxBackoff = Timeout.InfiniteTimeSpan },
        { "MaxReceiveMessageSize", options => options.MaxReceiveMessageSize = 1023 },
        { "EnableMultipleHttp2Connections", options => options.HttpHandler = new SocketsHttpHandler() },
        { "EnableMultipleHttp2Connections", options => options.HttpHandler = new Wrapper(new SocketsHttpHandler()) },
        { "both set", options => (options.HttpHandler, options.ConfigureHandler) = (Multiplexed(), _ => { }) },
        { "neither https nor", options => (options.Address, options.AccessToken) = (new Uri("http://tasks.example:5080"), _ => new("x")) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_option_Is_refused_by_the_client_and_by_the_start_of_a_host(string message, Action<TaskGrpcClientOptions> set)
    {
        var options = new TaskGrpcClientOptions { Address = Address };
        set(options);
        Assert.Contains(message, Assert.Throws<ValidationException>(() => new TaskGrpcClient(options)).Message, StringComparison.Ordinal);

        foreach (var name in (string?[])[null, "other"])
        {
            using var host = Host(services => Add(services, name, own =>
            {
                own.Address = Address;
                set(own);
            }));
            Assert.Contains(
                message,
                (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync())).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_option_at_its_bound_Is_taken()
    {
        foreach (var set in Right)
        {
            using var host = Host(services => services.AddTaskGrpcClient(options =>
            {
                options.Address = Address;
                set(options);
            }));
            await host.StartAsync();
            Assert.NotNull(host.Services.GetRequiredService<TaskGrpcClient>());
        }
    }

    [Fact]
    public void A_wrong_option_of_a_watch_Is_refused_at_the_call()
    {
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = Address });
        TaskGrpcWatchOptions[] wrong =
        [
            new() { SilenceTimeout = TimeSpan.Zero }, new() { SilenceTimeout = TimeSpan.MaxValue },
            new() { SilenceTimeout = TimeSpan.FromSeconds(-3) },
            new() { ReconnectTimeout = TimeSpan.FromSeconds(-3) }, new() { ReconnectTimeout = TimeSpan.MaxValue },
        ];
        Assert.All(
            wrong,
            options => Assert.Matches(
                "must be between", Assert.Throws<ValidationException>(() => client.WatchAsync(options: options)).Message));
        Assert.NotNull(client.WatchAsync(options: new() { SilenceTimeout = Timeout.InfiniteTimeSpan, ReconnectTimeout = TimeSpan.Zero }));
    }

    [Fact]
    public async Task A_second_client_Is_refused_unless_it_has_a_name_of_its_own()
    {
        var services = new ServiceCollection().AddTaskGrpcClient(options => options.Address = Address);
        Assert.Contains(
            "name of its own",
            Assert.Throws<InvalidOperationException>(() => services.AddTaskGrpcClient(options => options.Address = Address)).Message,
            StringComparison.Ordinal);
        services.AddTaskGrpcClient("other", options => (options.Address, options.MaxAttempts) = (new Uri("http://127.0.0.1:1"), 1));
        Assert.Throws<InvalidOperationException>(() => services.AddTaskGrpcClient("other", options => options.Address = Address));
        Assert.Throws<ArgumentException>(() => services.AddTaskGrpcClient("", options => options.Address = Address));

        await using var provider = services.BuildServiceProvider();
        Assert.NotSame(provider.GetRequiredService<TaskGrpcClient>(), provider.GetRequiredKeyedService<TaskGrpcClient>("other"));
        var dead = await Assert.ThrowsAsync<TaskGrpcException>(
            () => provider.GetRequiredKeyedService<TaskGrpcClient>("other").AgentTasks.GetAgentTaskAsync(new()).ResponseAsync);
        Assert.Contains("http://127.0.0.1:1", dead.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_are_changed_afterwards_Do_not_change_the_client()
    {
        var options = new TaskGrpcClientOptions { Address = Address };
        using var client = new TaskGrpcClient(options);
        (options.Metadata, options.InitialBackoff) = (null!, TimeSpan.Zero);
        Assert.Throws<ValidationException>(() => new TaskGrpcClient(options));
        Assert.NotNull(client.WatchAsync());
    }

    private static void Add(IServiceCollection services, string? name, Action<TaskGrpcClientOptions> configure)
    {
        if (name is null)
        {
            services.AddTaskGrpcClient(configure);
        }
        else
        {
            services.AddTaskGrpcClient(name, configure);
        }
    }

    private static SocketsHttpHandler Multiplexed() => new() { EnableMultipleHttp2Connections = true };

    private static IHost Host(Action<IServiceCollection> configure) => new HostBuilder().ConfigureServices(configure).Build();

    private sealed class Wrapper(HttpMessageHandler inner) : DelegatingHandler(inner);
}
