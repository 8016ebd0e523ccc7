using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Storage;

/// <summary>The store itself refuses a PREVIEW, even if the code above it stores one.</summary>
public sealed class PreviewTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestServer? _server;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_preview_Is_refused_by_the_store_on_insert_and_on_update()
    {
        using var client = _server!.Client("org");
        var task = await client.CreateMonitorTaskAsync();
        var kind = _server.Services.GetRequiredService<KindDefinition<MonitorTask>>();
        var preview = task.Clone();
        preview.Status = MonitorTaskStatus.Preview;
        var row = kind.ToRow(preview, version: 1, revision: 1, preview.CreatedAt.ToDateTimeOffset());
        using var writer = _server.Services.GetRequiredService<TaskStore>().OpenWriter();
        writer.Begin("org", Foreseen.Nothing);
        Assert.Equal(SQLitePCL.raw.SQLITE_CONSTRAINT, Assert.Throws<SqliteException>(() => writer.Update(row)).SqliteErrorCode);
        row.Values[row.Table.PlaceOf("id")] = Guid.NewGuid();
        Assert.Equal(SQLitePCL.raw.SQLITE_CONSTRAINT, Assert.Throws<SqliteException>(() => writer.Insert(row)).SqliteErrorCode);
        Assert.True(writer.TryRollback());

        // A command of the ledger cannot store it either: it is refused alone and leaves nothing.
        var lane = _server.Services.GetRequiredService<CommitLanes>();
        var command = new LedgerCommand<MonitorTask>(
            Caller.System("org"), request: null, dryRun: false, commit => commit.Create(kind, preview.Clone()), default);
        await Assert.ThrowsAnyAsync<SqliteException>(() => lane.CommitAsync(command));
        Assert.Single(await client.ListMonitorTasksAsync(new() { ShowDeleted = true }).ToListAsync());
        Assert.Single(await client.ListChangesAsync().ToListAsync());
    }
}
