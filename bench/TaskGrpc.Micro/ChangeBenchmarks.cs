using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.AgentTasks;
using TaskGrpc.V1;

namespace TaskGrpc.Micro;

/// <summary>Serializing a change's log entry: once for all watchers.</summary>
public class ChangeBenchmarks
{
    private readonly Actor _actor = new() { Type = ActorType.Service, Id = "bench" };
    private StagedChange _created = null!;
    private StagedChange _transitioned = null!;

    [GlobalSetup]
    public void Stage()
    {
        var kind = new AgentTaskKind();
        var before = Samples.StoredTask(1);
        var after = before.Clone();
        after.Status = AgentTaskStatus.Executing;
        after.StartedAt = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        _created = new StagedChange(kind, Guid.Parse(before.Id), Before: null, before, 1, _actor, Reason: null, before.CreatedAt);
        _transitioned = new StagedChange(kind, Guid.Parse(before.Id), before, after, 2, _actor, "begun", after.StartedAt);
    }

    [Benchmark]
    public byte[] Created() => _created.ToChange(42).ToByteArray();

    [Benchmark]
    public byte[] Transitioned() => _transitioned.ToChange(42).ToByteArray();
}
