using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.V1;

namespace TaskGrpc.Micro;

/// <summary>What the lane does with a batch of creates, with and without the disk.</summary>
public class CommitBenchmarks : IDisposable
{
    private readonly AgentTaskKind _kind = new();
    private DirectoryInfo? _folder;
    private SqliteStore? _store;
    private StoreWriter? _writer;
    private int _number;

    [Params(1, 64, 256)]
    public int Commands { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("taskgrpc-micro-");
        _store = new SqliteStore(Options.Create(new StorageOptions { DataDirectory = _folder.FullName }), new ConfigurationBuilder().Build(), OperatorCommand.Bodies);
        _store.Open();
        _writer = _store.OpenWriter();
        for (var i = 0; i < 20; i++)
        {
            Commit();
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _writer!.Dispose();
        _store!.Dispose();
        _folder!.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Rules, rows, log and the transaction, durable.</summary>
    [Benchmark]
    public void Commit()
    {
        Write();
        _writer!.Commit();
        _writer.AfterCommit();
    }

    /// <summary>The same, up to where the disk would come in.</summary>
    [Benchmark]
    public void WriteAndRollBack()
    {
        Write();
        _writer!.TryRollback();
    }

    private void Write()
    {
        var batch = new Batch(_writer!, TimeProvider.System, TimeSpan.FromHours(24));
        _writer!.Begin("", Foreseen.Nothing);
        for (var i = 0; i < Commands; i++)
        {
            var task = Samples.NewTask(_number);
            batch.Run(new LedgerCommand<AgentTask>(Samples.CallerOf(_number++), null, dryRun: false, commit => commit.Create(_kind, task), CancellationToken.None));
        }

        batch.Flush();
    }
}
