using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Hosting;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.V1;

namespace TaskGrpc.Micro;

/// <summary>A store in its own folder with its writer, which takes batches of creates as from the lane.</summary>
internal sealed class MeasuredStore : IDisposable
{
    private readonly AgentTaskKind _kind = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taskgrpc-micro-");
    private readonly StoreWriter _writer;
    private int _number;

    public MeasuredStore()
    {
        Store = new SqliteStore(Options.Create(new StorageOptions { DataDirectory = _folder.FullName }),
            new ConfigurationBuilder().Build(), OperatorCommand.Bodies);
        Store.Open();
        _writer = Store.OpenWriter();
    }

    public SqliteStore Store { get; }

    /// <summary>Rules, rows, log and the transaction, durable.</summary>
    public void Commit(int creates)
    {
        Write(creates);
        _writer.Commit();
        _writer.AfterCommit();
    }

    /// <summary>The same without the COMMIT to disk.</summary>
    public void WriteAndRollBack(int creates)
    {
        Write(creates);
        _writer.TryRollback();
    }

    public void Dispose()
    {
        _writer.Dispose();
        Store.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Write(int creates)
    {
        var batch = new Batch(_writer, TimeProvider.System, TimeSpan.FromHours(24));
        _writer.Begin("", Foreseen.Nothing);
        for (var i = 0; i < creates; i++)
        {
            var task = Samples.NewTask(_number);
            batch.Run(new LedgerCommand<AgentTask>(
                Samples.CallerOf(_number++), null, dryRun: false, unit => unit.Create(_kind, task), CancellationToken.None));
        }

        batch.Flush();
    }
}
