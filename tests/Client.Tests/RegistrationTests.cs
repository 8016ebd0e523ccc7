using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>Clients in a container: named ones, options from services and from configuration, health checks.</summary>
public sealed class RegistrationTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    [Fact]
    public async Task Named_clients_Are_keyed_services_beside_the_one_without_a_name()
    {
        await using var provider = new ServiceCollection()
            .AddSingleton(server.Server.Grpc)
            .AddTaskGrpcClient((services, options) => options.Address = services.GetRequiredService<Uri>())
            .AddTaskGrpcClient("billing", (services, options) =>
            {
                options.Address = services.GetRequiredService<Uri>();
                options.Metadata.Add("x-organization-id", "billing");
            })
            .AddSingleton<Biller>()
            .BuildServiceProvider();

        var task = await provider.GetRequiredService<Biller>().Client.CreateAsync(Sample.AgentTask());
        Assert.Equal("billing", task.OrganizationId);
        Assert.Equal("default", (await provider.GetRequiredService<TaskGrpcClient>().CreateAsync(Sample.AgentTask())).OrganizationId);
        Assert.Null(provider.GetKeyedService<TaskGrpcClient>("other"));
    }

    [Fact]
    public async Task Options_Come_from_configuration_and_code_adds_to_them()
    {
        var configuration = Configuration(
            ("Tasks:address", server.Server.Grpc.ToString()), ("Tasks:Metadata:X-Organization-Id", "configured"),
                ("Tasks:CallTimeout", "00:01:00"),
            ("Tasks:MaxAttempts", "3"), ("Tasks:InitialBackoff", "00:00:00.2"), ("Tasks:MaxBackoff", "00:00:04"),
            ("Tasks:MaxUpdateAttempts", "7"), ("Tasks:MaxReceiveMessageSize", "2048"));
        using var host = new HostBuilder().ConfigureServices(services => services
            .AddTaskGrpcClient(configuration.GetSection("Tasks"))
            .AddTaskGrpcClient("other", configuration.GetSection("Tasks"))
            .Configure<TaskGrpcClientOptions>("other", options => options.AccessToken = _ => new("token"))).Build();
        await host.StartAsync();

        var options = host.Services.GetRequiredService<IOptionsMonitor<TaskGrpcClientOptions>>();
        var own = options.Get("other");
        Assert.Equal((server.Server.Grpc, "configured", 3, 7),
            (own.Address, own.Metadata.GetValue("x-organization-id"), own.MaxAttempts, own.MaxUpdateAttempts));
        Assert.Equal(
            (TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(4), 2048),
            (own.CallTimeout, own.InitialBackoff, own.MaxBackoff, own.MaxReceiveMessageSize));
        Assert.NotNull(own.AccessToken);
        Assert.Null(options.CurrentValue.AccessToken);
        var task = await host.Services.GetRequiredService<TaskGrpcClient>().CreateAsync(Sample.AgentTask());
        Assert.Equal("configured", task.OrganizationId);
    }

    [Theory]
    [InlineData("Tasks:Adress", "http://127.0.0.1:5080", "Tasks:Adress is not an option that configuration can set.")]
    [InlineData("Tasks:CallTimeout", "fast", "Tasks:CallTimeout is 'fast'. Set it to a time such as 00:00:30.")]
    [InlineData("Tasks:MaxAttempts", "1.5", "Tasks:MaxAttempts is '1.5'. Set it to a whole number.")]
    [InlineData("Tasks:MaxAttempts", "", "Tasks:MaxAttempts is ''.")]
    [InlineData("Tasks:Address:Port", "1", "Tasks:Address is ''.")]
    [InlineData("Tasks:Address", "/tasks", "is not absolute")]
    [InlineData("Tasks:Metadata:ümlaut", "secret", "Tasks:Metadata:ümlaut cannot be metadata.")]
    [InlineData("Tasks:Metadata:x-bin", "secret", "Tasks:Metadata:x-bin cannot be metadata.")]
    [InlineData("Tasks:MaxAttempts", "11", "MaxAttempts must be between 1 and 10")]
    public async Task A_wrong_setting_Stops_the_host_and_says_what_to_write(string key, string value, string message)
    {
        var section = Configuration((key, value)).GetSection("Tasks");
        using var host = new HostBuilder().ConfigureServices(services => services.AddTaskGrpcClient(section)).Build();
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_health_check_Tells_a_server_that_answers_from_one_that_does_not()
    {
        var services = new ServiceCollection().AddLogging()
            .AddTaskGrpcClient(options => options.Address = server.Server.Grpc)
            .AddTaskGrpcClient("dead", options => options.Address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}"));
        services.AddHealthChecks()
            .AddTaskGrpcClient(tags: ["ready"])
            .AddTaskGrpcClient("dead", failureStatus: HealthStatus.Degraded, timeout: TimeSpan.FromMilliseconds(500))
            .AddTaskGrpcClient("dead", name: "again", timeout: TimeSpan.FromMilliseconds(1));
        await using var provider = services.BuildServiceProvider();

        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal(HealthStatus.Healthy, report.Entries["taskgrpc"].Status);
        Assert.Equal(["ready"], report.Entries["taskgrpc"].Tags);
        Assert.Equal(HealthStatus.Degraded, report.Entries["taskgrpc-dead"].Status);
        Assert.Contains("http://127.0.0.1:", report.Entries["taskgrpc-dead"].Description, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["again"].Status);
    }

    [Fact]
    public void A_health_checks_timeout_Has_bounds()
    {
        var checks = new ServiceCollection().AddHealthChecks();
        checks.AddTaskGrpcClient(name: "1", timeout: TimeSpan.FromMilliseconds(1))
            .AddTaskGrpcClient(name: "2", timeout: TimeSpan.FromDays(24));
        Assert.Throws<ArgumentOutOfRangeException>(() => checks.AddTaskGrpcClient(timeout: TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => checks.AddTaskGrpcClient(timeout: TimeSpan.FromDays(24) + TimeSpan.FromTicks(1)));
    }

    [Theory]
    [InlineData("tasks:read", HealthStatus.Healthy)]
    [InlineData("executions:write", HealthStatus.Healthy)]
    [InlineData(null, HealthStatus.Unhealthy)]
    public async Task A_health_check_Needs_an_accepted_token_and_no_scope(string? scope, HealthStatus expected)
    {
        using var folder = new TemporaryFolder();
        using var issuer = new TestIssuer(folder.Path);
        await using var own = await TestServer.StartAsync(Path.Combine(folder.Path, "data"), settings: issuer.Settings);
        var services = new ServiceCollection().AddLogging().AddTaskGrpcClient(options =>
        {
            options.Address = own.Grpc;
            options.AccessToken = scope is null ? null : _ => new(issuer.Token(scope));
        });
        services.AddHealthChecks().AddTaskGrpcClient();
        await using var provider = services.BuildServiceProvider();

        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal(expected, report.Status);
        if (expected == HealthStatus.Unhealthy)
        {
            Assert.Equal(ErrorReason.TokenMissing, Assert.IsType<TaskGrpcException>(report.Entries["taskgrpc"].Exception).Reason);
        }
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();

    private sealed class Biller([FromKeyedServices("billing")] TaskGrpcClient client)
    {
        public TaskGrpcClient Client { get; } = client;
    }
}
