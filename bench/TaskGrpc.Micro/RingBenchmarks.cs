using BenchmarkDotNet.Attributes;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Micro;

/// <summary>The recent changes in memory: what a commit adds, and what each watcher reads.</summary>
public class RingBenchmarks
{
    private const int Step = 64;

    private readonly List<LoggedChange> _read = new(Step);
    private readonly byte[] _body = new byte[700];
    private readonly RecentChanges _ring = new(8 * 1024 * 1024);
    private readonly RecentChanges _growing = new(8 * 1024 * 1024);
    private LogPosition _place;
    private long _revision;

    [GlobalSetup]
    public void Fill()
    {
        for (var i = 0; i < 1000; i++)
        {
            _ring.TryAppend(Next());
        }

        _place = LogPosition.After(_ring.Last - Step);
        _growing.StartAfter(_revision);
    }

    /// <summary>The changes of a batch.</summary>
    [Benchmark(OperationsPerInvoke = Step)]
    public bool Append() => _growing.TryAppend(Next());

    /// <summary>The last of them, as each watcher reads them.</summary>
    [Benchmark(OperationsPerInvoke = Step)]
    public bool Read()
    {
        _read.Clear();
        return _ring.TryRead(_place, Step, _read);
    }

    private LoggedChange[] Next()
    {
        var changes = new LoggedChange[Step];
        for (var i = 0; i < Step; i++)
        {
            changes[i] = new LoggedChange(++_revision, 0, 0, ResourceKind.AgentTask, Guid.Empty, ChangeType.Created, _body);
        }

        return changes;
    }
}
