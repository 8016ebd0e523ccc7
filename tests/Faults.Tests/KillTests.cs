using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Faults.Tests;

/// <summary>T1: repeated SIGKILL under writers and watches loses no acknowledged write; no watch misses or repeats a change.</summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int WritersPerOrganization = 8;
    private const int WatchersPerOrganization = 5;
    private const int AcknowledgedPerRound = 150;

    private static readonly int Rounds = FaultRounds.Or(2);

    private static readonly string[] Organizations = ["north", "south", "east", "west"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Kills_under_32_writers_and_20_watches_Break_no_invariant_on_SQLite() => KillAsync(new ServerProcess(_folder.Path));

    [Fact]
    public async Task Kills_under_32_writers_and_20_watches_Break_no_invariant_on_PostgreSQL() =>
        await KillAsync(await PostgresReplica.NewAsync(_folder.Path));

    private async Task KillAsync(ServerProcess started)
    {
        using var server = started;
        await server.StartAsync();
        using var workload =
            new Workload(Organizations, WritersPerOrganization, WatchersPerOrganization, organization => server.Client(organization));
        for (var round = 0; round < Rounds; round++)
        {
            await workload.AcknowledgedAsync(AcknowledgedPerRound);
            await server.KillAsync();
            await server.StartAsync();
        }

        output.WriteLine($"{Rounds} kills: {await workload.CheckAsync(organization => server.Client(organization, maxAttempts: 5))}");
        Assert.True(workload.Changes >= Rounds * AcknowledgedPerRound);
    }
}
