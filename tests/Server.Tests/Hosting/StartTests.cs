using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Hosting;

public sealed class StartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Storage:Provider", "Oracle")]
    [InlineData("Storage:ReaderConnections", "0")]
    [InlineData("Storage:CommandQueue", "0")]
    [InlineData("Storage:CommitBatch", "5000")]
    [InlineData("Storage:RequestRetention", "00:00:01")]
    [InlineData("Watch:WriteTimeout", "01:00:00")]
    [InlineData("Watch:HeartbeatInterval", "00:00:00.5")]
    [InlineData("Watch:RecentBytes", "1")]
    [InlineData("Watch:MaxOpen", "0")]
    [InlineData("Watch:Retention", "00:00:00.9")]
    [InlineData("Watch:Retention", "3650.00:00:01")]
    [InlineData("Smtp:From", "a..b@example.com")]
    [InlineData("Smtp:From", "a,b@c.com")]
    [InlineData("Smtp:From", "Alerts <alerts@example.com>")]
    [InlineData("Smtp:From", "alerts@exa\u200bmple.com")]
    [InlineData("Smtp:From", "alerts@a_b.example")]
    [InlineData("Smtp:From", "alerts")]
    [InlineData("Smtp:From", "")]
    public async Task An_option_out_of_range_Is_refused_by_its_key(string key, string value)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(key, value));
        Assert.Contains(key, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    [InlineData("http://192.0.2.1:0")]
    public async Task An_address_that_others_can_reach_Is_refused(string url)
    {
        var refusal = await Assert.ThrowsAsync<RefusedToStartException>(() => StartAsync("Kestrel:Endpoints:Grpc:Url", url));
        Assert.Contains("loopback", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_in_memory_Is_refused() =>
        await Assert.ThrowsAsync<RefusedToStartException>(() => StartAsync("ConnectionStrings:Tasks", "Data Source=:memory:"));

    [Fact]
    public async Task A_second_server_on_the_same_file_Is_refused_until_the_first_has_stopped()
    {
        await using (await TestServer.StartAsync(_folder.Path))
        {
            var refusal = await Assert.ThrowsAsync<RefusedToStartException>(() => TestServer.StartAsync(_folder.Path));
            Assert.Contains("Another process", refusal.Message, StringComparison.Ordinal);
        }

        await using var next = await TestServer.StartAsync(_folder.Path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_keys_Are_made_a_moment_after_the_start_which_does_not_wait_for_them(bool asksForTokens)
    {
        var (time, keys) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), Path.Combine(_folder.Path, "keys"));
        var settings = asksForTokens ? new TestIssuer(_folder.Path).Settings : null;
        await using var server = await TestServer.StartAsync(_folder.Path, time, settings);
        Assert.Empty(Directory.GetFiles(keys));

        var reading = server.Services.GetRequiredService<WarmUp>().ExecuteTask!;
        while (!reading.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await reading;
        Assert.NotEmpty(Directory.GetFiles(keys));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_Is_ready_only_with_keys_which_a_question_hurries(bool asksOverGrpc)
    {
        // The clock stands still, so no other task creates the keys.
        var (time, keys) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), Path.Combine(_folder.Path, "keys"));
        await using var server = await TestServer.StartAsync(_folder.Path, time);
        Assert.Empty(Directory.GetFiles(keys));
        if (asksOverGrpc)
        {
            using var channel = GrpcChannel.ForAddress(server.Grpc);
            var answer = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest());
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, answer.Status);
        }
        else
        {
            using var http = new HttpClient { BaseAddress = server.Http };
            Assert.Equal(
                "Healthy", await http.GetStringAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken));
        }

        Assert.NotEmpty(Directory.GetFiles(keys));
    }

    private async Task StartAsync(string key, string value)
    {
        await using var server = await TestServer.StartAsync(_folder.Path, settings: new Dictionary<string, string?> { [key] = value });
    }
}
