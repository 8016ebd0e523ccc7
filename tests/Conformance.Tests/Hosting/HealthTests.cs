using Grpc.Health.V1;
using Grpc.Net.Client;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Hosting;

public abstract class HealthTests(ServerFixture fixture)
{
    [Theory]
    [InlineData("")]
    [InlineData("taskgrpc.v1.AgentTaskService")]
    [InlineData("taskgrpc.v1.WatchService")]
    public async Task Health_over_grpc_Says_serving(string service)
    {
        using var channel = GrpcChannel.ForAddress(fixture.Server.Grpc);
        var answer = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest { Service = service });
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, answer.Status);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Health_over_http_Says_healthy(string path)
    {
        using var http = new HttpClient { BaseAddress = fixture.Server.Http };
        Assert.Equal("Healthy", await http.GetStringAsync(new Uri(path, UriKind.Relative)));
    }
}
