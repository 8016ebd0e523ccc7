using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Client.Tests;

/// <summary>
/// A consumer that stores the tokens of <see cref="TaskGrpcWatchExtensions.Events"/> loses and repeats nothing, wherever it stops.
/// </summary>
public sealed class EventTokenTests(SqliteServer server) : IClassFixture<SqliteServer>, IDisposable
{
    private readonly string _organization = server.NewOrganization();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task A_consumer_that_stops_at_each_token_and_resumes_there_Sees_every_event_once()
    {
        const int rounds = 10;
        using var client = server.Server.Client(_organization);
        var random = new Random(7);
        await using var proxy = new CuttingProxy(server.Server.Grpc, () => random.Next(500, 6_000));
        using var cut = Through(proxy);
        var (seen, token, stops, written) = (new List<string>(), "", 0, 0);
        while (written < rounds || seen.Count < 3 * rounds)
        {
            // Two revisions of one and of two events, which the next message holds together.
            for (var i = 1; i <= 2 && written < rounds; i++)
            {
                await client.BatchCreateAsync(Enumerable.Range(0, i).Select(item => Sample.AgentTask($"{written}.{i}.{item}")));
            }

            written++;
            var request = new WatchRequest { Kinds = { ResourceKind.AgentTask } };
            if (token.Length > 0)
            {
                request.ResumeToken = token;
            }
            else
            {
                request.AfterRevision = 0;
            }

            await foreach (var item in cut.WatchAsync(request, cancellationToken: _limit.Token).Events())
            {
                seen.Add(item.Change.AgentTask.Title);
                if (item.ResumeToken is not null)
                {
                    (token, stops) = (item.ResumeToken, stops + 1);
                    break;
                }
            }
        }

        var all = await client.ListChangesAsync(new() { PageSize = 1000 }).ToListAsync();
        Assert.Equal(all.Select(item => item.Change.AgentTask.Title), seen);
        Assert.InRange(stops, rounds, 2 * rounds);
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
