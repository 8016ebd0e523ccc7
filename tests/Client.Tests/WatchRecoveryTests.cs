using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>After which failures a watch reconnects, how fast, and what it logs.</summary>
public sealed class WatchRecoveryTests(SqliteServer server) : IClassFixture<SqliteServer>, IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    public void Dispose() => _limit.Dispose();

    [Theory]
    [InlineData("DeadlineExceeded")]
    [InlineData("ResourceExhausted")]
    [InlineData("Unimplemented")]
    [InlineData("Internal")]
    [InlineData("Unknown")]
    [InlineData("Cancelled")]
    [InlineData("Aborted")]
    [InlineData("404")]
    [InlineData("429")]
    [InlineData("502")]
    [InlineData("reset")]
    [InlineData("cut")]
    public async Task A_watch_that_was_open_Reconnects_after_any_answer_of_a_proxy(string what)
    {
        var stood = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var proxy = await ScriptedServer.StartAsync((call, number) => number switch
        {
            // The watch opens and ends, fails to open, and opens again.
            1 => StandAsync(call, 1, async () =>
            {
                await stood.Task;
                await SayAsync(call, what);
            }),
            2 => SayAsync(call, what),
            _ => StandAsync(call, 2, () => ScriptedServer.EndAsync(call, StatusCode.OK)),
        });
        using var client = Client(proxy.Address);
        var options = new TaskGrpcWatchOptions { OnStanding = () => stood.TrySetResult() };
        Assert.Equal(
            [1, 2],
            await client.WatchAsync(options: options, cancellationToken: _limit.Token).Select(message => message.Revision).ToListAsync());
        Assert.Equal(3, proxy.Calls);
    }

    [Theory]
    [InlineData("DeadlineExceeded", true)]
    [InlineData("502", true)]
    [InlineData("reset", true)]
    [InlineData("404", false)]
    [InlineData("ResourceExhausted", false)]
    [InlineData("PermissionDenied", false)]
    public async Task A_new_watch_Retries_temporary_failures_and_throws_the_others(string what, bool goesOn)
    {
        await using var proxy = await ScriptedServer.StartAsync((call, number) =>
            number == 1 ? SayAsync(call, what) : StandAsync(call, 1, () => ScriptedServer.EndAsync(call, StatusCode.OK)));
        using var client = Client(proxy.Address);
        var watch = client.WatchAsync(cancellationToken: _limit.Token).CountAsync().AsTask();
        if (goesOn)
        {
            Assert.Equal(1, await watch);
        }
        else
        {
            await Assert.ThrowsAsync<TaskGrpcException>(() => watch);
            Assert.Equal(1, proxy.Calls);
        }
    }

    [Theory]
    [InlineData(StatusCode.OutOfRange, "REVISION_COMPACTED", false)]
    [InlineData(StatusCode.InvalidArgument, "INVALID_FILTER", false)]
    [InlineData(StatusCode.Internal, "UNEXPECTED", false)]
    [InlineData(StatusCode.Aborted, "A_REASON_OF_A_NEWER_SERVER", false)]
    [InlineData(StatusCode.Unauthenticated, "TOKEN_INVALID", false)]
    [InlineData(StatusCode.Unavailable, "A_REASON_OF_A_NEWER_SERVER", true)]
    [InlineData(StatusCode.Unavailable, "DRAINING", true)]
    [InlineData(StatusCode.ResourceExhausted, "SLOW_READER", true)]
    public async Task A_status_of_the_server_itself_Keeps_its_meaning(StatusCode code, string reason, bool goesOn)
    {
        var status = new Google.Rpc.Status { Details = { Any.Pack(new ErrorInfo { Domain = "taskgrpc", Reason = reason }) } };
        var details = Convert.ToBase64String(status.ToByteArray());
        await using var own = await ScriptedServer.StartAsync((call, number) =>
            StandAsync(call, number, () => number == 1
                ? ScriptedServer.EndAsync(call, code, "Says the server.", details)
                : ScriptedServer.EndAsync(call, StatusCode.OK)));
        using var client = Client(own.Address);
        var watch = client.WatchAsync(cancellationToken: _limit.Token).CountAsync().AsTask();
        if (goesOn)
        {
            Assert.Equal(2, await watch);
        }
        else
        {
            Assert.Equal(code, (await Assert.ThrowsAsync<TaskGrpcException>(() => watch)).StatusCode);
        }
    }

    [Fact]
    public async Task A_message_above_the_clients_own_limit_Is_thrown_since_it_would_come_again()
    {
        await using var large = await ScriptedServer.StartAsync(async (call, number) =>
        {
            await ScriptedServer.SendAsync(call, new WatchResponse { Revision = 1 });
            await ScriptedServer.SendAsync(call, new WatchResponse { ResumeToken = new string('x', 2000) });
        });
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions { Address = large.Address, MaxReceiveMessageSize = 1024 });
        Assert.Equal(
            StatusCode.ResourceExhausted,
            (await Assert.ThrowsAsync<TaskGrpcException>(() => client.WatchAsync().CountAsync(_limit.Token).AsTask())).StatusCode);
        Assert.Equal(1, large.Calls);
    }

    [Fact]
    public async Task A_token_provider_that_fails_Ends_a_new_watch_and_not_one_that_was_open()
    {
        await using var cutting = await ScriptedServer.StartAsync((call, number) =>
            StandAsync(call, number, () => ScriptedServer.EndAsync(call, number == 1 ? StatusCode.Unavailable : StatusCode.OK)));
        var asked = 0;
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = cutting.Address,
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            AccessToken = _ => Interlocked.Increment(ref asked) is 1 or > 4 ? new("token") : throw new HttpRequestException("It is down."),
        });
        var cuts = new List<string>();
        var options = new TaskGrpcWatchOptions { OnCut = (cut, _) => cuts.Add(cut.Status.Detail) };
        Assert.Equal(
            [1, 2],
            await client.WatchAsync(options: options, cancellationToken: _limit.Token).Select(message => message.Revision).ToListAsync());
        Assert.Equal(
            [false, true, true, true],
            cuts.Select(cut => cut.StartsWith("TaskGrpcClientOptions.AccessToken failed: ", StringComparison.Ordinal)));
        asked = 1;
        await Assert.ThrowsAsync<TaskGrpcException>(() => client.WatchAsync(cancellationToken: _limit.Token).CountAsync().AsTask());
    }

    [Fact]
    public async Task The_back_off_Grows_until_a_connection_has_stood_for_a_while()
    {
        var time = new ShiftedTime();
        await using var cutting = await ScriptedServer.StartAsync(async (call, number) =>
        {
            // Two messages and a revision on each connection: that alone does not reset the back-off.
            await ScriptedServer.SendAsync(call, new WatchResponse { Revision = number * 2 });
            await ScriptedServer.SendAsync(call, new WatchResponse { Revision = (number * 2) + 1 });
            await ScriptedServer.EndAsync(call, StatusCode.Unavailable, "Again.");
        });
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = cutting.Address,
            InitialBackoff = TimeSpan.FromMilliseconds(2),
            MaxBackoff = TimeSpan.FromMilliseconds(50),
            TimeProvider = time,
        });
        var delays = new List<double>();
        var options = new TaskGrpcWatchOptions { OnCut = (_, delay) => delays.Add(delay.TotalMilliseconds) };
        await foreach (var message in client.WatchAsync(options: options, cancellationToken: _limit.Token))
        {
            if (delays.Count == 7)
            {
                // This connection stays open for the longest back-off.
                time.Shift += TimeSpan.FromMilliseconds(message.Revision % 2 == 0 ? 0 : 50);
            }

            if (delays.Count == 9)
            {
                break;
            }
        }

        double[] longest = [2, 4, 8, 16, 32, 50, 50, 2, 4];
        Assert.Equal(longest.Length, delays.Count);
        Assert.All(delays.Zip(longest), pair => Assert.InRange(pair.First, pair.Second / 2, pair.Second));
    }

    [Fact]
    public async Task An_outage_Is_one_warning_with_address_and_cause_and_one_line_when_it_is_over()
    {
        const int watches = 100;
        var time = new ShiftedTime();
        var log = new LineLog();
        await using var balancer = new Balancer(server.Server.Grpc.Port);
        using var client = new TaskGrpcClient(new TaskGrpcClientOptions
        {
            Address = balancer.Address,
            LoggerFactory = log,
            TimeProvider = time,
            InitialBackoff = TimeSpan.FromMilliseconds(10),
            MaxBackoff = TimeSpan.FromMilliseconds(100),
            Metadata = new Metadata { { "x-organization-id", server.NewOrganization() } },
        });
        using var standing = new SemaphoreSlim(0);
        using var failing = new SemaphoreSlim(0);
        var options = new TaskGrpcWatchOptions { OnStanding = () => standing.Release(), OnCut = (_, _) => failing.Release() };
        var running =
            Enumerable.Range(0, watches).Select(_ => client.WatchAsync(options: options).CountAsync(_limit.Token).AsTask()).ToArray();
        await CountAsync(standing, watches);
        Assert.Empty(log.Lines);

        // The server is down for several attempts of every watch.
        using (var dead = new DeadPort())
        {
            balancer.MoveTo(dead.Number);
            await CountAsync(failing, watches * 3);
            balancer.MoveTo(server.Server.Grpc.Port);
            await CountAsync(standing, watches);
        }

        var (began, ended) = (log.Lines.First(), log.Lines.Last());
        Assert.Equal((2, LogLevel.Warning, LogLevel.Information), (log.Lines.Count, began.Level, ended.Level));
        Assert.Matches(
            $"^The connection of watches to {balancer.Address} was cut; they connect again\\. "
                + $".+ \\(UNAVAILABLE, taskgrpc\\.v1\\.WatchService/Watch at http://127.0.0.1:{balancer.Port}\\)$",
            began.Text);
        Assert.StartsWith($"All watches of {balancer.Address} are connected again, ", ended.Text, StringComparison.Ordinal);

        // Another cut so soon is the same outage; a later one is a new outage.
        balancer.Cut();
        await CountAsync(standing, watches);
        Assert.Equal(2, log.Lines.Count);
        time.Shift += TimeSpan.FromSeconds(10);
        balancer.Cut();
        await CountAsync(standing, watches);
        Assert.Equal(4, log.Lines.Count);

        await _limit.CancelAsync();
        await Task.WhenAll(running.Select(watch => Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch)));
    }

    [Fact]
    public async Task A_request_and_options_that_are_changed_after_the_call_Were_copied_before()
    {
        var seen = new ConcurrentQueue<string>();
        await using var own = await ScriptedServer.StartAsync(async (call, _) =>
        {
            var body = await ScriptedServer.ReadAsync(call);
            seen.Enqueue(WatchRequest.Parser.ParseFrom(body, 5, body.Length - 5).Filter + call.Request.Headers["x-own"]);
            await StandAsync(call, 1, () => ScriptedServer.EndAsync(call, StatusCode.OK));
        });
        using var client = Client(own.Address);
        var (request, options, stands) = (new WatchRequest { Filter = "before" }, new TaskGrpcWatchOptions { Metadata = [] }, 0);
        var watch = client.WatchAsync(request, options, _limit.Token);
        (request.Filter, options.OnStanding) = ("after", () => stands++);
        options.Metadata.Add("x-own", "after");
        await watch.CountAsync();
        await watch.CountAsync();
        Assert.Equal(["before", "before"], seen);
        Assert.Equal(0, stands);
    }

    private static TaskGrpcClient Client(Uri address) =>
        new(new TaskGrpcClientOptions { Address = address, InitialBackoff = TimeSpan.FromMilliseconds(1) });

    private static async Task StandAsync(HttpContext call, long revision, Func<Task> then)
    {
        await ScriptedServer.SendAsync(call, new WatchResponse { Revision = revision });
        await then();
    }

    /// <summary>Ends the answer like a proxy, or before its head if it has not begun.</summary>
    private static async Task SayAsync(HttpContext call, string what)
    {
        if (what is "reset" || (what == "404" && call.Response.HasStarted))
        {
            call.Features.Get<IHttpResetFeature>()!.Reset(8);
        }
        else if (what == "cut" || (int.TryParse(what, out _) && call.Response.HasStarted))
        {
            call.Abort();
        }
        else if (int.TryParse(what, out var http))
        {
            (call.Response.StatusCode, call.Response.ContentType) = (http, "text/html");
        }
        else
        {
            await ScriptedServer.EndAsync(call, System.Enum.Parse<StatusCode>(what), "Says a proxy.");
        }
    }

    private async Task CountAsync(SemaphoreSlim events, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await events.WaitAsync(_limit.Token);
        }
    }

    /// <summary>The system's clock, which the test can set forward; its timers are the system's.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Shift.TotalSeconds * TimestampFrequency);
    }

    /// <summary>A port of this machine that stays reserved without a listener.</summary>
    private sealed class DeadPort : IDisposable
    {
        private readonly System.Net.Sockets.Socket _socket =
            new(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);

        public DeadPort() => _socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));

        public int Number => ((System.Net.IPEndPoint)_socket.LocalEndPoint!).Port;

        public void Dispose() => _socket.Dispose();
    }
}
