using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Rows;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.V1;

namespace TaskGrpc.Micro;

/// <summary>What a Get asks the store, of any of 20,000 tasks, without what gRPC adds.</summary>
public class GetBenchmarks : IDisposable
{
    private const int Tasks = 20_000;

    private readonly Random _random = new(1);
    private DirectoryInfo? _folder;
    private SqliteStore? _store;
    private StoreWriter? _writer;
    private (string Organization, Guid Id)[] _tasks = [];

    [GlobalSetup]
    public async Task OpenAsync()
    {
        _folder = Directory.CreateTempSubdirectory("taskgrpc-micro-");
        _store = new SqliteStore(Options.Create(new StorageOptions { DataDirectory = _folder.FullName }), new ConfigurationBuilder().Build(), OperatorCommand.Bodies);
        _store.Open();
        var writer = _writer = _store.OpenWriter();
        var kind = new AgentTaskKind();
        for (var made = 0; made < Tasks;)
        {
            var batch = new Batch(writer, TimeProvider.System, TimeSpan.FromHours(24));
            writer.Begin("", Foreseen.Nothing);
            for (var i = 0; i < 250; i++)
            {
                var task = Samples.NewTask(made);
                batch.Run(new LedgerCommand<AgentTask>(Samples.CallerOf(made++), null, dryRun: false, commit => commit.Create(kind, task), CancellationToken.None));
            }

            batch.Flush();
            writer.Commit();
            writer.AfterCommit();
        }

        using var lease = await _store.RentAsync("", CancellationToken.None);
        _tasks = [.. lease.Reader.Db.All<AgentTaskRow>().Select(row => new { row.OrganizationId, row.Id }).AsEnumerable().Select(row => (row.OrganizationId, row.Id))];
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _writer!.Dispose();
        _store!.Dispose();
        _folder!.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A reader rented, a row found by its id, the reader returned.</summary>
    [Benchmark]
    public async Task<int> GetAsync()
    {
        var (organization, id) = _tasks[_random.Next(_tasks.Length)];
        using var lease = await _store!.RentAsync(organization, CancellationToken.None);
        return lease.Reader.Find(typeof(AgentTaskRow), id)!.Value.Body.Length;
    }
}
