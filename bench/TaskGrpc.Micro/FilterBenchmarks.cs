using BenchmarkDotNet.Attributes;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.Server.Storage.Schema.Rows;

namespace TaskGrpc.Micro;

/// <summary>A filter: parsed from its text, and evaluated on a row in memory, as for each change of a filtered watch.</summary>
public class FilterBenchmarks
{
    private const string Text = "status = QUEUED AND (assigned_agent_role = \"role-7\" OR priority < 10) AND NOT title = \"*test*\"";

    private readonly AgentTaskKind _kind = new();
    private Func<ResourceRow, bool> _filter = null!;
    private ResourceRow _row = null!;

    [GlobalSetup]
    public void Read()
    {
        _filter = _kind.Filter(Text);
        _row = _kind.ToRow(Samples.StoredTask(7));
        _row.OrganizationId = "organization-7";
    }

    [Benchmark]
    public object Parse() => FilterParser.Parse(Text);

    [Benchmark]
    public object Bind() => _kind.Filter(Text);

    [Benchmark]
    public bool Matches() => _filter(_row);
}
