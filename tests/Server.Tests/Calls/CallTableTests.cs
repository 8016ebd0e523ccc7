using Grpc.Health.V1;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Resources;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>Every call has a handler and names its scope.</summary>
public sealed class CallTableTests
{
    private static readonly ServedService[] Strange = [new(Health.Descriptor, static binder => Health.BindService(binder, null))];

    [Fact]
    public void A_call_that_nothing_handles_Keeps_the_server_from_starting()
    {
        var refusal = Assert.Throws<RefusedToStartException>(() => new CallTable(Strange, []));
        Assert.Contains("/grpc.health.v1.Health/Check has no handler", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_without_a_scope_Keeps_the_server_from_starting()
    {
        var refusal = Assert.Throws<RefusedToStartException>(() => new CallTable(Strange, [new HealthCalls()]));
        Assert.Contains("grpc.health.v1.Health.Check has no scope", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_call_of_the_contract_Is_served_with_a_scope_and_a_route()
    {
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path);
        var calls = server.Services.GetRequiredService<CallTable>().All.ToDictionary(call => call.Method.FullName);
        var contract =
            ServedContract.Services.SelectMany(service => service.Methods).Select(method => $"/{method.Service.FullName}/{method.Name}");
        Assert.Equal(contract.Order(StringComparer.Ordinal), calls.Keys.Order(StringComparer.Ordinal));
        Assert.All(calls.Values, call => Assert.NotEmpty(call.Scope));
        Assert.All(calls.Values, call => Assert.NotNull(call.Route));
    }

    [Fact]
    public async Task Only_reads_of_one_resource_Have_no_longest_time()
    {
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path);
        var brief = server.Services.GetRequiredService<CallTable>().All.Where(call => call.Handler.IsBrief)
            .Select(call => call.Method.Name);
        Assert.Equal(
            ["GetAgentTask", "GetBoardTask", "GetDelivery", "GetFlowExecution", "GetMonitorTask", "GetTaskExecution"],
            brief.Order(StringComparer.Ordinal));
    }

    private sealed class HealthCalls : ICalls
    {
        public void AddTo(CallHandlers handlers) =>
            handlers.Add<HealthCheckRequest, HealthCheckResponse>((_, _) => throw new NotSupportedException());
    }
}
