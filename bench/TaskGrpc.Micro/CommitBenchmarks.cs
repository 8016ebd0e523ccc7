using BenchmarkDotNet.Attributes;

namespace TaskGrpc.Micro;

/// <summary>The lane's work for a batch of creates, with and without the disk.</summary>
public class CommitBenchmarks : IDisposable
{
    private MeasuredStore? _store;

    [Params(1, 64, 256)]
    public int Commands { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _store = new MeasuredStore();
        for (var i = 0; i < 20; i++)
        {
            Commit();
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _store!.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Rules, rows, log and the transaction, durable.</summary>
    [Benchmark]
    public void Commit() => _store!.Commit(Commands);

    /// <summary>The same without the COMMIT to disk.</summary>
    [Benchmark]
    public void WriteAndRollBack() => _store!.WriteAndRollBack(Commands);
}
