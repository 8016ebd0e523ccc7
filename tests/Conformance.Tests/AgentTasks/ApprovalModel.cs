using TaskGrpc.V1;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Conformance.Tests.AgentTasks;

/// <summary>What the contract says of approvals, in plain words: of one AGENTIC task that 'requester' created and asks for.</summary>
internal sealed class ApprovalModel(ApprovalPolicy policy, int required)
{
    /// <summary>Every etag so far, each with the number of changes before it that were not votes.</summary>
    private readonly List<(string Etag, int Content)> _seen = [];
    private int _content;

    public AgentTaskStatus Status { get; private set; } = Planning;

    public ApprovalDecision? Decision { get; private set; }

    public List<string> Votes { get; } = [];

    /// <summary>The etag of some changes ago.</summary>
    public string Etag(int age) => _seen[Math.Max(0, _seen.Count - 1 - age)].Etag;

    public void Saw(string etag)
    {
        if (_seen.Count == 0 || _seen[^1].Etag != etag)
        {
            _seen.Add((etag, _content));
        }
    }

    public ErrorReason? Approve(string id, string type, string etag)
    {
        if (Refusal(id, type, etag) is { } refusal)
        {
            return refusal;
        }

        if (!Votes.Contains(id))
        {
            Votes.Add(id);
            if (Votes.Count == required)
            {
                Decide(ApprovalDecision.Approved, Executing);
            }
        }

        return null;
    }

    public ErrorReason? Reject(string id, string type, string etag)
    {
        if (Refusal(id, type, etag) is { } refusal)
        {
            return refusal;
        }

        Decide(ApprovalDecision.Rejected, Planning);
        return null;
    }

    public ErrorReason? Ask()
    {
        if (Status is not (Planning or Executing))
        {
            return ErrorReason.InvalidTransition;
        }

        (Status, Decision) = (AwaitingApproval, null);
        Votes.Clear();
        _content++;
        return null;
    }

    public ErrorReason? Withdraw()
    {
        if (Status != AwaitingApproval)
        {
            return ErrorReason.InvalidTransition;
        }

        Status = Planning;
        _content++;
        return null;
    }

    public ErrorReason? Execute()
    {
        if (Status != Planning)
        {
            return ErrorReason.InvalidTransition;
        }

        // A rejected, expired, withdrawn or edited approval holds nothing.
        return ErrorReason.ApprovalRequired;
    }

    public void EditTitle()
    {
        EditOther();
        if (Decision == ApprovalDecision.Expired)
        {
            return;
        }

        Votes.Clear();
        Decision = null;
    }

    public void EditOther() => _content++;

    /// <summary>The time for the approval passes; whether one was pending.</summary>
    public bool Expire()
    {
        var isPending = Status == AwaitingApproval;
        if (isPending)
        {
            Decide(ApprovalDecision.Expired, Planning);
        }

        return isPending;
    }

    private ErrorReason? Refusal(string id, string type, string etag)
    {
        if (_seen.Last(seen => seen.Etag == etag).Content != _content)
        {
            return ErrorReason.EtagMismatch;
        }

        var mayDecide = policy switch
        {
            ApprovalPolicy.AgentReview => id != "requester",
            ApprovalPolicy.Restricted => type == "user" && id != "requester",
            _ => type == "user",
        };
        return Status != AwaitingApproval ? ErrorReason.NoApprovalPending : mayDecide ? null : ErrorReason.ApproverNotAllowed;
    }

    private void Decide(ApprovalDecision decision, AgentTaskStatus to)
    {
        (Decision, Status) = (decision, to);
        _content++;
    }
}
