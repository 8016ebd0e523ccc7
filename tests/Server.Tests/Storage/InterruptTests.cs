using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>A read ends when its caller disconnects, however long it would have taken.</summary>
public sealed class InterruptTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    [Fact]
    public async Task A_long_read_Ends_when_it_is_cancelled_and_its_connection_can_be_used_again()
    {
        using var cancel = new CancellationTokenSource();
        using var rented = await server.Server.Services.GetRequiredService<TaskStore>().RentAsync("org", default);
        // Half a minute, left alone.
        const string query =
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200000000) SELECT count(*) FROM "
            + "numbers WHERE $1 = 'org'";
        var reading = Task.Run(() => rented.Reader.Interruptible(
            () =>
            {
                using var view = rented.Reader.OpenView();
                cancel.CancelAfter(TimeSpan.FromMilliseconds(50));
                using var rows = rented.Reader.Read(rented.Reader.NewList().Add(query));
                return rows.Read();
            },
            cancel.Token));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.True(rented.Reader.IsSound);
        Assert.Equal(0, rented.Reader.Head().Revision);
    }

    [Fact]
    public async Task On_PostgreSQL_a_read_that_is_cancelled_before_it_begins_Does_not_begin()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, PostgresCluster.Missing);
        var cluster = await SharedPostgres.ClusterAsync();
        using var folder = new TemporaryFolder();
        await using var postgres = await TestServer.StartAsync(folder.Path, settings: cluster.Settings(await cluster.NewDatabaseAsync()));
        using var cancel = new CancellationTokenSource();
        using var rented = await postgres.Services.GetRequiredService<TaskStore>().RentAsync("org", default);
        var reading = Task.Run(() => rented.Reader.Interruptible(
            () =>
            {
                // The cancellation comes while the read has its view and no statement of its own that could be ended.
                using var view = rented.Reader.OpenView();
                cancel.Cancel();
                using var rows = rented.Reader.Read(rented.Reader.NewList().Add("SELECT pg_sleep(12) WHERE $1 = 'org'"));
                return rows.Read();
            },
            cancel.Token));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(8)));
        Assert.True(rented.Reader.IsSound);
        Assert.Equal(0, rented.Reader.Head().Revision);
        using var again = rented.Reader.Read(rented.Reader.NewList().Add("SELECT 1 WHERE $1 = 'org'"));
        Assert.True(again.Read());
    }
}
