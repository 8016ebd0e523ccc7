using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Client;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.Server.Ledger;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>The server checks a stream's caller again while the stream is open.</summary>
public sealed class RecheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_caller_that_cannot_be_checked_again_Is_refused_for_any_cause()
    {
        var callers = new Callers(_time.GetUtcNow().AddYears(1));
        await using var server = await TestServer.StartAsync(_folder.Path, _time,
            new Dictionary<string, string?> { ["Identity:Recheck"] = "00:01:00" }, services => services.AddSingleton<ICallers>(callers));
        using var client = server.Client("org");
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { AfterRevision = 0 });
        _time.Advance(TimeSpan.FromMinutes(1));
        await client.CreateAgentTaskAsync();
        await watch.UntilAsync(1);

        callers.Failure = new InvalidOperationException("What tells them apart is out of order.");
        var ended = Assert.ThrowsAsync<TaskGrpcException>(async () =>
        {
            while (true)
            {
                await watch.NextAsync();
            }
        });
        for (var minute = 0; minute < 100 && !ended.IsCompleted; minute++)
        {
            // The test may set the clock forward before the server has planned the next check.
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System));
        }

        Assert.Equal(ErrorReason.TokenInvalid, (await ended).Reason);
    }

    private sealed class Callers(DateTimeOffset until) : ICallers
    {
        public Exception? Failure { get; set; }

        public ValueTask<Identified> IdentifyAsync(Credentials credentials, CancellationToken cancellationToken) =>
            Failure is null
                ? new(new Identified(new Caller("org", new Actor { Id = "anna", Type = ActorType.User }), Scopes: null, until))
                : throw Failure;
    }
}
