using CsCheck;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Ledger;

public sealed class FieldDiffTests
{
    private static readonly Gen<AgentTask> Tasks =
        Gen.Select(Gen.String[0, 2], Gen.Bool, Gen.Int[0, 2], Gen.Int[0, 3], Gen.Bool).Select((text, has, priority, status, approved) =>
    {
        var task = new AgentTask { Title = text, Status = (AgentTaskStatus)status };
        if (has)
        {
            (task.Description, task.Priority, task.DueAt) = (text, priority, new() { Seconds = priority });
        }

        task.Approval = approved ? new() { Comment = text } : null;
        return task;
    });

    [Fact]
    public void The_changed_fields_put_back_Make_the_state_before() => Gen.Select(Tasks, Tasks).Sample((before, after) =>
    {
        var previous = new AgentTask();
        var changed = FieldDiff.Between(before, after, previous);
        var restored = after.Clone();
        foreach (var path in changed.Paths)
        {
            FieldDiff.Copy(AgentTask.Descriptor.FindFieldByName(path), previous, restored);
        }

        Assert.Equal(before, restored);
        Assert.Equal(before.Equals(after), changed.Paths.Count == 0);
    });
}
