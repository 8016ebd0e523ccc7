using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>Decisions on requests for approval: by votes, by one rejection, or by the end of the time for it.</summary>
internal sealed class AgentTaskDecisions(KindDefinition<AgentTask> kind)
{
    /// <exception cref="Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH, NO_APPROVAL_PENDING, APPROVER_NOT_ALLOWED.</exception>
    public AgentTask Approve(UnitOfWork unit, ApproveAgentTaskRequest request)
    {
        var etag = SeenTask.EtagToRequire(unit, kind, request.Id, request.Etag);
        return unit.Change(kind, request.Id, etag, request.Comment, (_, task, at) => Approve(task, request.Comment, unit.Caller, at));
    }

    /// <exception cref="Fault">
    /// RESOURCE_NOT_FOUND, ETAG_MISMATCH, NO_APPROVAL_PENDING, APPROVER_NOT_ALLOWED, INVALID_TRANSITION.
    /// </exception>
    public AgentTask Reject(UnitOfWork unit, RejectAgentTaskRequest request)
    {
        var etag = SeenTask.EtagToRequire(unit, kind, request.Id, request.Etag);
        return unit.Change(kind, request.Id, etag, request.Comment, (_, task, at) => Reject(task, request, unit.Caller, at));
    }

    /// <summary>Ends a request for approval whose time has passed. Does nothing if it has been decided or withdrawn meanwhile.</summary>
    public void Expire(UnitOfWork unit, Guid id)
    {
        if (unit.Find(kind, id) is not { } pending || AgentTaskTimes.ApprovalEnd(pending) is not { } end || end > unit.Now)
        {
            return;
        }

        unit.Change(kind, id.ToString(), etag: "", "The time for the approval has passed.", (_, task, at) =>
        {
            var to = Refused(task);
            AgentTaskLifecycle.Require(task, to, AgentTaskLifecycle.ApprovalExpiry);
            Decide(task, ApprovalDecision.Expired, comment: "", unit.Caller, at);
            AgentTaskVerbs.Enter(task, to, unit.Caller, at);
        });
    }

    private static void Approve(AgentTask task, string comment, Caller caller, Timestamp at)
    {
        RequirePending(task);
        AgentTaskApproval.RequireApprover(task, caller);
        AgentTaskLifecycle.Require(task, Executing, AgentTaskLifecycle.Approve);
        if (task.Approval.Votes.Any(vote => vote.By.Equals(caller.Actor)))
        {
            // A second vote by the same person changes nothing.
            return;
        }

        var vote = new ApprovalVote { By = caller.Actor, At = at };
        if (comment.Length > 0)
        {
            vote.Comment = comment;
        }

        task.Approval.Votes.Add(vote);
        if (task.Approval.Votes.Count >= AgentTaskApproval.Required(task))
        {
            Decide(task, ApprovalDecision.Approved, comment, caller, at);
            AgentTaskVerbs.Enter(task, Executing, caller, at);
        }
    }

    private static void Reject(AgentTask task, RejectAgentTaskRequest request, Caller caller, Timestamp at)
    {
        RequirePending(task);
        AgentTaskApproval.RequireApprover(task, caller);
        var to = request.To != Unspecified ? request.To : Refused(task);
        AgentTaskLifecycle.Require(task, to, AgentTaskLifecycle.Reject);
        Decide(task, ApprovalDecision.Rejected, request.Comment, caller, at);
        AgentTaskVerbs.Enter(task, to, caller, at);
    }

    /// <summary>Where a task goes whose approval was refused, unless the decider says otherwise.</summary>
    private static AgentTaskStatus Refused(AgentTask task) => task.ExecutionMode == ExecutionMode.Deterministic ? Queued : Planning;

    private static void Decide(AgentTask task, ApprovalDecision decision, string comment, Caller caller, Timestamp at)
    {
        task.Approval.Decision = decision;
        task.Approval.DecidedAt = at;
        task.Approval.DecidedBy = caller.Actor;
        if (comment.Length > 0)
        {
            task.Approval.Comment = comment;
        }
    }

    private static void RequirePending(AgentTask task)
    {
        if (task.Status != AwaitingApproval)
        {
            throw Fault.Precondition(
                ErrorReason.NoApprovalPending,
                $"AgentTask/{task.Id}",
                $"The task is in {EnumNames<AgentTaskStatus>.Of(task.Status)} and does not wait for a decision. "
                + "Move it to AGENT_TASK_STATUS_AWAITING_APPROVAL first.");
        }
    }
}
