using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>How workers take agent tasks: a task keeps its status when its lease ends, and is ready again.</summary>
internal sealed class AgentTaskWork(KindDefinition<AgentTask> kind, IOptions<WorkOptions> options) : Workable<AgentTask>(kind)
{
    public override string[] Order { get; } = ["priority", "created_at", "id"];

    public override IReadOnlySet<string> BriefFields { get; } = new HashSet<string> { "priority", "task_type", "assigned_agent_role" };

    public override bool HasProgress => true;

    public override object[] RankOf(AgentTask resource) =>
        [resource.Priority, resource.CreatedAt.ToDateTimeOffset(), Guid.Parse(resource.Id)];

    public override string? ReadyFor(AgentTask resource) => AgentTaskReadiness.ReadyFor(resource, options.Value.ExpiredLeases);

    public override bool IsWorking(AgentTask resource) => resource.Status is Planning or Executing;

    public override void Take(AgentTask resource, Caller caller, Timestamp at)
    {
        if (resource.Status == Queued)
        {
            AgentTaskVerbs.Enter(
                resource, resource.ExecutionMode == ExecutionMode.Deterministic ? Executing : Planning, caller, at);
        }
    }

    public override void GiveBack(UnitOfWork unit, AgentTask resource)
    {
    }

    public override void Expire(UnitOfWork unit, AgentTask resource, Timestamp at)
    {
        if (resource.ExpiredLeases >= options.Value.ExpiredLeases)
        {
            AgentTaskVerbs.Enter(resource, Blocked, unit.Caller, at);
        }
    }

    public override bool TryCancel(UnitOfWork unit, AgentTask resource, Timestamp at)
    {
        AgentTaskVerbs.Enter(resource, Canceled, unit.Caller, at);
        return true;
    }

    public override void Cancel(UnitOfWork unit, AgentTask resource, Timestamp at)
    {
        AgentTaskLifecycle.Require(resource, Canceled, AgentTaskLifecycle.Transition);
        AgentTaskVerbs.Enter(resource, Canceled, unit.Caller, at);
    }

    public override Progress? ProgressOf(AgentTask resource) => resource.Progress;

    public override void SetProgress(AgentTask resource, Progress progress) => resource.Progress = progress;

    public override bool HasNotBefore => true;

    public override Timestamp? NotBeforeOf(AgentTask resource) => resource.NotBefore;

    public override void SetNotBefore(AgentTask resource, Timestamp? notBefore) => resource.NotBefore = notBefore;
}
