using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.Server.Watching;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Watching;

/// <summary>A replica reads another replica's commits while a compaction removes the beginning of the log.</summary>
public sealed class CompactedCatchUpTests
{
    [Fact]
    public async Task Changes_removed_during_the_catch_up_Are_skipped()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var server = await TestServer.StartAsync(folder.Path, replace: services =>
            services.AddSingleton<SqliteStore>(provider => ActivatorUtilities.CreateInstance<Store>(provider)));
        var store = (Store)server.Services.GetRequiredService<TaskStore>();
        using var client = server.Client("org");
        await client.CreateAgentTaskAsync();
        var tail = new OrganizationTail("org", recentBytes: 1024 * 1024);
        using (var rented = await store.RentAsync("org", cancellationToken))
        {
            tail.StartAfter(rented.Reader.Head());
        }

        await client.CreateAgentTaskAsync();
        await client.CreateAgentTaskAsync();
        store.BeforeNextView = () => server.CompactAsync().GetAwaiter().GetResult();
        await TailCatchUp.RunAsync(tail, store, cancellationToken);
        Assert.Null(store.BeforeNextView);
        Assert.Equal(3, tail.End.Progress);
    }

    private sealed class Store(IOptions<StorageOptions> options, IConfiguration configuration, BodyReader bodies)
        : SqliteStore(options, configuration, bodies)
    {
        public Action? BeforeNextView { get; set; }

        protected override StoreReader OpenReader(int generation) => new Reader(this, Connect()) { Generation = generation };

        private sealed class Reader(Store store, StoreConnection db) : StoreReader(db)
        {
            public override View OpenView()
            {
                var happens = store.BeforeNextView;
                store.BeforeNextView = null;
                happens?.Invoke();
                return base.OpenView();
            }
        }
    }
}
