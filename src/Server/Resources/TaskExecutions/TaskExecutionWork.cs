using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.V1;
using static TaskGrpc.V1.TaskExecutionStatus;

namespace TaskGrpc.Server.Resources.TaskExecutions;

/// <summary>How workers take task executions: one whose lease expires has FAILED, and one that is given back is QUEUED again.</summary>
internal sealed class TaskExecutionWork(KindDefinition<TaskExecution> kind, KindDefinition<FlowExecution> flows)
    : Workable<TaskExecution>(kind)
{
    private const string LeaseExpired = "LEASE_EXPIRED";

    public override string[] Order { get; } = ["created_at", "id"];

    public override IReadOnlySet<string> BriefFields { get; } = new HashSet<string> { "flow_execution_id", "task_name" };

    public override object[] RankOf(TaskExecution resource) => [resource.CreatedAt.ToDateTimeOffset(), Guid.Parse(resource.Id)];

    public override string? ReadyFor(TaskExecution resource) => TaskExecutionReadiness.ReadyFor(resource);

    public override bool IsWorking(TaskExecution resource) => resource.Status == Running;

    /// <summary>A flow that is canceled takes its executions out step by step; until then the flow itself says so.</summary>
    public override void Narrow(SqlText text) => text
        .Add(" AND NOT EXISTS (SELECT 1 FROM ").Add(Tables.FlowExecutions.Name)
        .Add(" AS flow WHERE flow.id = flow_execution_id AND flow.organization_id = $1")
        .Add($" AND flow.status = {(int)FlowExecutionStatus.Canceled})");

    public override bool MayBeTaken(UnitOfWork unit, TaskExecution resource) =>
        unit.Find(flows, Guid.Parse(resource.FlowExecutionId)) is { } flow && !OpenFlow.IsFinished(flow);

    public override void Take(TaskExecution resource, Caller caller, Timestamp at)
    {
        (resource.Status, resource.StartedAt) = (Running, at);
        resource.LastModifiedBy = TaskExecutionRules.ModifierOf(caller);
    }

    public override void GiveBack(UnitOfWork unit, TaskExecution resource)
    {
        (resource.Status, resource.StartedAt) = (Queued, null);
        resource.LastModifiedBy = TaskExecutionRules.ModifierOf(unit.Caller);
        if (!MayBeTaken(unit, resource))
        {
            var (organization, id) = (unit.Caller.OrganizationId, Guid.Parse(resource.Id));
            unit.Effects.Add(writer => writer.Query<TaskExecutionStatements>().TakeOut(organization, id));
        }
    }

    public override void Expire(UnitOfWork unit, TaskExecution resource, Timestamp at)
    {
        (resource.Status, resource.FinishedAt) = (Failed, at);
        resource.Error = new ExecutionError { Type = LeaseExpired, Message = $"The lease of '{resource.Lease.Worker}' expired." };
        resource.LastModifiedBy = TaskExecutionRules.ModifierOf(unit.Caller);
    }

    public override bool TryCancel(UnitOfWork unit, TaskExecution resource, Timestamp at)
    {
        TaskExecutionRules.Cancel(resource, unit.Caller, at);
        return true;
    }

    public override void Cancel(UnitOfWork unit, TaskExecution resource, Timestamp at)
    {
        TaskExecutionLifecycle.Require(resource, Canceled, isFlowFinished: false);
        TaskExecutionRules.Cancel(resource, unit.Caller, at);
    }
}
