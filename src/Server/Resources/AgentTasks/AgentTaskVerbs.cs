using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>What the verbs of agent tasks check and change. Each changes one task.</summary>
internal static class AgentTaskVerbs
{
    public static void CheckTransition(TransitionAgentTaskRequest request, Violations violations)
    {
        if (request.Status == Failed && !VisibleText.IsIn(request.Error))
        {
            violations.Add("error", "is required with AGENT_TASK_STATUS_FAILED: say what went wrong");
        }
        else if (request.Status != Failed && request.HasError)
        {
            violations.Add("error", "is allowed only with AGENT_TASK_STATUS_FAILED; leave it out");
        }

        if (request.Status != Completed && request.Result is not null)
        {
            violations.Add("result", "is allowed only with AGENT_TASK_STATUS_COMPLETED; leave it out");
        }
    }

    public static void Transition(AgentTask task, TransitionAgentTaskRequest request, Caller caller, Timestamp at)
    {
        AgentTaskLifecycle.Require(task, request.Status, AgentTaskLifecycle.Transition);
        if (request.Status == Executing && !AgentTaskLifecycle.MayExecute(task))
        {
            throw Fault.Precondition(
                ErrorReason.ApprovalRequired,
                $"AgentTask/{task.Id}",
                "The task's policy needs an approval, and the task has none. "
                + "Move it to AGENT_TASK_STATUS_AWAITING_APPROVAL, then have it approved.");
        }

        Enter(task, request.Status, caller, at);
        AgentTaskApproval.Settle(task, caller);
        if (request.Status == Failed)
        {
            task.LastError = request.Error;
        }
        else if (request.Status == Completed)
        {
            task.Result = request.Result;
        }
    }

    public static void Delete(AgentTask task, Timestamp at) => task.DeletedAt = at;

    /// <summary>Moves the status, and changes what follows from it.</summary>
    public static void Enter(AgentTask task, AgentTaskStatus to, Caller caller, Timestamp at)
    {
        var from = task.Status;
        task.Status = to;
        task.ClearBlockedFrom();
        switch (to)
        {
            case Queued when from == Failed:
                (task.StartedAt, task.FailedAt) = (null, null);
                // An AGENT's move leaves an expired approval, and a retry is a move.
                task.Approval = AgentTaskApproval.IsExpired(task) ? task.Approval : null;
                (task.ClaimCount, task.ExpiredLeases) = (0, 0);
                (task.Progress, task.Result, task.CancelRequested) = (null, null, null);
                break;
            case AwaitingApproval:
                task.Approval = AgentTaskApproval.Ask(task, caller, at);
                break;
            case Executing:
                task.StartedAt ??= at;
                break;
            case Blocked:
                task.BlockedFrom = from;
                break;
            case Completed:
                task.CompletedAt = at;
                task.ClearLastError();
                break;
            case Failed:
                task.FailedAt = at;
                break;
        }

        if (from == Failed || AgentTaskTimes.IsFinished(task))
        {
            AgentTaskTimes.SetOverdue(task, at);
        }
    }
}
