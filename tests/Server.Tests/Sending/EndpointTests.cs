using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

/// <summary>Misbehaving endpoints over bare sockets: the server cuts each in time, and they do not delay other endpoints.</summary>
public sealed class EndpointTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestServer? _server;
    private TaskGrpcClient? _client;

    private TaskGrpcClient Client => _client!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(_folder.Path,
            settings: new Dictionary<string, string?> { ["Delivery:AttemptTimeout"] = "00:00:01", ["Delivery:Lease"] = "00:00:20" });
        _client = _server.Client("org");
        await _client.SigningSecrets.CreateSigningSecretAsync(new());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_silent_endpoint_Is_cut_and_retried() => await AssertCutAsync(RawEndpoint.Silent());

    [Fact]
    public async Task An_endpoint_of_one_byte_a_second_Is_cut_and_retried() => await AssertCutAsync(RawEndpoint.Trickle());

    [Fact]
    public async Task An_endpoint_that_hangs_up_Is_retried() => await FailAsync(new RawEndpoint((_, _) => Task.CompletedTask));

    [Fact]
    public async Task An_endpoint_without_HTTP_Is_retried() =>
        await FailAsync(
            new RawEndpoint(async (stream, stop) => await stream.WriteAsync("220 mail.example.com ESMTP\r\n"u8.ToArray(), stop)));

    [Fact]
    public async Task Endless_headers_Are_not_read_to_the_end() => await FailAsync(new RawEndpoint(async (stream, stop) =>
    {
        await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stop);
        while (true)
        {
            await stream.WriteAsync("X-More: 0123456789012345678901234567890123456789\r\n"u8.ToArray(), stop);
        }
    }));

    [Fact]
    public async Task A_long_answer_Is_not_read_on_after_its_first_part()
    {
        var isCut = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var endpoint = new RawEndpoint(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n"u8.ToArray(), stop);
            await stream.WriteAsync(new byte[100_000], stop);
            // Reads the request, and then how the server closes the connection: an orderly end or a reset.
            var buffer = new byte[64 * 1024];
            try
            {
                while (await stream.ReadAsync(buffer, stop) > 0)
                {
                }

                isCut.TrySetResult(true);
            }
            catch (IOException)
            {
                isCut.TrySetResult(true);
                throw;
            }
        });
        await Client.UntilAsync(await TriggerAsync(endpoint.Address), DeliveryStatus.Delivered);
        Assert.True(await isCut.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task An_endless_answer_Counts_by_its_status_and_is_not_read_to_the_end()
    {
        long written = 0;
        var chunk = new byte[16 * 1024];
        await using var endpoint = new RawEndpoint(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"u8.ToArray(), stop);
            while (true)
            {
                await stream.WriteAsync(chunk, stop);
                Interlocked.Add(ref written, chunk.Length);
            }
        });
        var delivered = await Client.UntilAsync(await TriggerAsync(endpoint.Address), DeliveryStatus.Delivered);
        Assert.Equal(200, Assert.Single(delivered.Attempts).HttpStatus);
        // The server reads at most 64 KiB; the rest stays in the sockets' buffers.
        Assert.InRange(written, 0, 16 * 1024 * 1024);
    }

    [Fact]
    public async Task Alerts_to_a_dead_endpoint_Delay_neither_others_nor_commits_nor_watches()
    {
        await using var dead = RawEndpoint.Silent();
        await using var live = await WebhookReceiver.StartAsync();
        var deadTask = await Client.CreateMonitorTaskAsync(Sample.Webhook(dead.Address));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Client.TriggerAsync(deadTask, $"k{i}")));
        var liveTask = await Client.CreateMonitorTaskAsync(Sample.Webhook(live.Address));

        var alerts = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Client.TriggerAsync(liveTask, $"k{i}")));
        await Task.WhenAll(alerts.Select(alert => Client.UntilAsync(alert, DeliveryStatus.Delivered)));

        // 200 attempts of one second each are due earlier, and these alerts did not wait for them.
        Assert.Equal(100, live.All.Count);
        Assert.InRange(dead.Connections, 1, 150);
    }

    [Fact]
    public async Task Each_due_delivery_Is_attempted_once()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        var alerts = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(async i => await Client.TriggerAsync(await Client.CreateMonitorTaskAsync(Sample.Webhook(receiver.Address)), $"k{i}")));
        await Task.WhenAll(alerts.Select(alert => Client.UntilAsync(alert, DeliveryStatus.Delivered)));
        Assert.Equal(20, receiver.All.Select(webhook => webhook.Headers["webhook-id"]).Distinct().Count());
        Assert.Equal(20, receiver.All.Count);
    }

    private async Task AssertCutAsync(RawEndpoint endpoint)
    {
        var failed = await FailAsync(endpoint);
        var attempt = Assert.Single(failed.Attempts);
        Assert.InRange((attempt.FinishedAt - attempt.StartedAt).ToTimeSpan(), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));
    }

    private async Task<Delivery> FailAsync(RawEndpoint endpoint)
    {
        await using (endpoint)
        {
            var failed = await Client.UntilAsync(await TriggerAsync(endpoint.Address), DeliveryStatus.Retrying);
            Assert.Equal((AttemptOutcome.Retryable, false), (failed.Attempts.Single().Outcome, failed.Attempts.Single().HasHttpStatus));
            return failed;
        }
    }

    private async Task<Delivery> TriggerAsync(Uri endpoint) =>
        await Client.TriggerAsync(await Client.CreateMonitorTaskAsync(Sample.Webhook(endpoint)));
}
