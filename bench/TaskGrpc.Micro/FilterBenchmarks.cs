using BenchmarkDotNet.Attributes;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.V1;

namespace TaskGrpc.Micro;

/// <summary>A filter, read from its text and asked of a task in memory, as for each change that a filtered watch may pass on.</summary>
public class FilterBenchmarks
{
    private const string Text = "status = QUEUED AND (assigned_agent_role = \"role-7\" OR priority < 10) AND NOT title = \"*test*\"";

    private readonly AgentTaskKind _kind = new();
    private Func<IResource, bool> _filter = null!;
    private AgentTask _task = null!;

    [GlobalSetup]
    public void Read()
    {
        _filter = _kind.Filter(Text);
        _task = Samples.StoredTask(7);
    }

    [Benchmark]
    public object Parse() => FilterParser.Parse(Text);

    [Benchmark]
    public object Bind() => _kind.Filter(Text);

    [Benchmark]
    public bool Matches() => _filter(_task);
}
