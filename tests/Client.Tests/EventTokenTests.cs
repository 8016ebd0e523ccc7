using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>A consumer that stores the tokens of <see cref="TaskGrpcWatchExtensions.Events"/> loses and repeats nothing, wherever it stops.</summary>
public sealed class EventTokenTests(SqliteServer server) : IClassFixture<SqliteServer>, IDisposable
{
    private readonly string _organization = server.NewOrganization();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task A_consumer_that_stops_at_each_token_and_resumes_there_Sees_every_event_once()
    {
        using var client = server.Server.Client(_organization);
        // Revisions of one and of several events; a message holds as many of them as the server had at hand.
        for (var i = 0; i < 10; i++)
        {
            await client.BatchCreateAsync(Enumerable.Range(0, 1 + (i % 3)).Select(item => Sample.AgentTask($"{i}.{item}")));
        }

        var random = new Random(7);
        await using var proxy = new CuttingProxy(server.Server.Grpc, () => random.Next(500, 6_000));
        using var cut = Through(proxy);
        var (seen, token, stops) = (new List<string>(), "", 0);
        while (seen.Count < 19)
        {
            var request = token.Length > 0 ? new WatchRequest { ResumeToken = token } : new WatchRequest { AfterRevision = 0 };
            await foreach (var item in cut.WatchAsync(request, cancellationToken: _limit.Token).Events())
            {
                seen.Add(item.Change.AgentTask.Title);
                if (item.ResumeToken is not null)
                {
                    (token, stops) = (item.ResumeToken, stops + 1);
                    break;
                }
            }

            await client.CreateAsync(Sample.BoardTask());
        }

        var all = await client.ListChangesAsync(new() { Kinds = { ResourceKind.AgentTask } }).ToListAsync();
        Assert.Equal(all.Select(item => item.Change.AgentTask.Title), seen);
        Assert.InRange(stops, 1, 19);
    }

    [Fact]
    public async Task A_revision_in_parts_and_a_snapshot_Offer_a_token_only_at_their_end()
    {
        using var client = server.Server.Client(_organization);
        var large = Sample.AgentTask();
        large.Description = new string('x', 65_000);
        await client.BatchCreateAsync(Enumerable.Repeat(large, 45));

        foreach (var request in (WatchRequest[])[new() { AfterRevision = 0 }, new() { Snapshot = true }])
        {
            var tokens = new List<string?>();
            await foreach (var item in client.WatchAsync(request, cancellationToken: _limit.Token).Events())
            {
                tokens.Add(item.ResumeToken);
                if (tokens.Count == 45)
                {
                    break;
                }
            }

            // The end of a snapshot may be a message of its own.
            Assert.All(tokens[..^1], Assert.Null);
            Assert.True(request.Snapshot || tokens[^1] is not null);
        }
    }

    private TaskGrpcClient Through(CuttingProxy proxy) => new(new()
    {
        Address = proxy.Address,
        InitialBackoff = TimeSpan.FromMilliseconds(1),
        MaxBackoff = TimeSpan.FromMilliseconds(20),
        Metadata = { { "x-organization-id", _organization } },
    });
}
