using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.AgentTasks;

/// <summary>
/// What an approver saw. Votes and `overdue` change the etag, but not what is to be approved: an approver who saw the task before them may
/// still decide.
/// </summary>
internal static class SeenTask
{
    /// <summary>
    /// The most such changes without another one between them: four votes, because the fifth decides, and one `overdue`, because only a
    /// move of due_at and the end of the work clear it.
    /// </summary>
    private const int MostLater = AgentTaskApproval.MostRequired;

    /// <summary>The etag to require: the current one if the sent one is still good, else the sent one, which is refused.</summary>
    /// <exception cref="Faults.Fault">RESOURCE_NOT_FOUND.</exception>
    public static string EtagToRequire(UnitOfWork unit, KindDefinition<AgentTask> kind, string id, string sent)
    {
        var state = unit.Require(kind, id, etag: "");
        var (key, later) = (Guid.Parse(id), 1);
        while (later <= MostLater && Etag.Of(key, state.Version - later) != sent)
        {
            later++;
        }

        // A change that the log no longer has may have been anything.
        return sent != state.Resource.Etag && later <= MostLater
            && unit.Query<TimelineStatements>().Newest(unit.Caller.OrganizationId, key, later) is var changes
            && changes.Count == later && changes.TrueForAll(LeavesWhatWasSeen)
            ? state.Resource.Etag : sent;
    }

    private static bool LeavesWhatWasSeen(Change change)
    {
        string[] changed = [.. change.ChangedFields.Paths.Except(["etag", "updated_at"])];
        return change.Type == ChangeType.Updated && changed switch
        {
            ["overdue"] => change.AgentTask.Overdue,
            ["approval"] => IsVote(change.PreviousAgentTask.Approval, change.AgentTask.Approval),
            _ => false,
        };
    }

    private static bool IsVote(Approval? before, Approval? after)
    {
        if (before is null || after is null || after.Votes.Count != before.Votes.Count + 1)
        {
            return false;
        }

        var without = after.Clone();
        without.Votes.RemoveAt(without.Votes.Count - 1);
        return Presence.Equal(without, before);
    }
}
