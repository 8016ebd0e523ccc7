using CsCheck;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.BoardTaskStatus;

namespace TaskGrpc.Conformance.Tests.BoardTasks;

/// <summary>Random edges, moves, claims, releases and deletes, one after the other against a model, and all at once.</summary>
public abstract class BlockerGraphTests(ServerFixture fixture)
{
    private const int Tasks = 6;

    private static readonly BoardTaskStatus[] Statuses = [Backlog, Assigned, Running, Review, Done];

    /// <summary>Edges and moves are frequent, deletes are rare, and most moves go to the next status.</summary>
    private static readonly Gen<(Kind Kind, int Task, int Other)> Steps = Gen.Select(
        Gen.Frequency(
            (5, Gen.Const(Kind.Add)), (2, Gen.Const(Kind.Remove)), (8, Gen.Const(Kind.Advance)), (2, Gen.Const(Kind.Move)),
            (1, Gen.Const(Kind.Delete)), (2, Gen.Const(Kind.Claim)), (2, Gen.Const(Kind.Release))),
        Gen.Int[0, Tasks - 1],
        Gen.Int[0, Tasks - 1]);

    private enum Kind
    {
        Add,
        Remove,
        Advance,
        Move,
        Delete,
        Claim,
        Release,
    }

    [Fact]
    public async Task Counts_readiness_and_refusals_Are_those_of_the_model_after_each_step() => await Steps.Array[10, 50].SampleAsync(
        async steps =>
        {
            using var client = fixture.NewClient();
            var (tasks, model) = (await client.CreateAssignedAsync(Tasks), new BlockerModel(Tasks));
            foreach (var step in steps)
            {
                await RunAsync(client, tasks, model, step);
                await SameAsync(client, tasks, model);
            }

            await ClaimAsync(client, tasks, model);
            for (var i = 0; i < Tasks; i++)
            {
                if (!model.Deleted[i])
                {
                    Assert.Equal(model.Blockers(i).Select(blocker => tasks[blocker].Id).Order(StringComparer.Ordinal),
                        (await client.BlockersAsync(tasks[i])).Order(StringComparer.Ordinal));
                }
            }
        },
        iter: 20,
        threads: 1);

    [Fact]
    public async Task Steps_sent_at_once_Leave_right_counts_and_no_cycle_and_claim_no_blocked_task() => await Steps.Array[60].SampleAsync(
        async steps =>
        {
            using var client = fixture.NewClient();
            var tasks = await client.CreateAssignedAsync(Tasks);
            var start = await client.HeadAsync();
            // The statuses that the moves aim at follow from the step alone: nobody knows the order in which the steps arrive.
            await Task.WhenAll(steps.Select((step, i) => Record.ExceptionAsync(() => step.Kind switch
            {
                Kind.Add => client.BlockAsync(tasks[step.Task], tasks[step.Other]),
                Kind.Remove => client.UnblockAsync(tasks[step.Task], tasks[step.Other]),
                Kind.Delete => client.DeleteBoardTaskAsync(tasks[step.Task].Id),
                Kind.Claim or Kind.Release => client.ClaimAsync(),
                _ => client.TransitionAsync(tasks[step.Task], Statuses[(i + step.Other) % Statuses.Length]),
            }).AsTask()));

            await CountsAsync(client, tasks);
            await LoggedAsync(client, tasks, start);
        },
        iter: 20,
        threads: 1);

    private static async Task RunAsync(
        TaskGrpcClient client, BoardTask[] tasks, BlockerModel model, (Kind Kind, int Task, int Other) step)
    {
        var (task, other) = (tasks[step.Task], tasks[step.Other]);
        var advanced = Statuses[(Array.IndexOf(Statuses, model.Statuses[step.Task]) + 1) % Statuses.Length];
        switch (step.Kind)
        {
            case Kind.Claim:
                await ClaimAsync(client, tasks, model);
                break;
            case Kind.Add:
                await ExpectAsync(model.Add(step.Task, step.Other), () => client.BlockAsync(task, other));
                break;
            case Kind.Remove:
                await ExpectAsync(model.Remove(step.Task, step.Other), () => client.UnblockAsync(task, other));
                break;
            case Kind.Advance:
                await ExpectAsync(model.Move(step.Task, advanced), () => client.TransitionAsync(task, advanced));
                break;
            case Kind.Move:
                var to = Statuses[step.Other % Statuses.Length];
                await ExpectAsync(model.Move(step.Task, to), () => client.TransitionAsync(task, to));
                break;
            case Kind.Delete:
                await ExpectAsync(model.Delete(step.Task), () => client.DeleteBoardTaskAsync(task.Id));
                break;
            default:
                var token = model.Tokens[step.Task] ?? "none";
                await ExpectAsync(model.Release(step.Task), () => client.ReleaseAsync(new Lease { BoardTask = task, LeaseToken = token }));
                break;
        }
    }

    private static async Task ClaimAsync(TaskGrpcClient client, BoardTask[] tasks, BlockerModel model)
    {
        var leases = await client.ClaimAsync();
        // All were created at one moment with one priority, so their ids decide the order.
        var ready = Enumerable.Range(0, Tasks).Where(model.IsReady).OrderBy(i => tasks[i].Id, StringComparer.Ordinal).ToList();
        Assert.Equal(ready.Select(i => tasks[i].Id), leases.Select(lease => lease.BoardTask.Id));
        foreach (var (i, lease) in ready.Zip(leases))
        {
            model.Claim(i, lease.LeaseToken);
        }
    }

    private static async Task ExpectAsync(ErrorReason? refusal, Func<Task> call)
    {
        if (refusal is { } reason)
        {
            await Refusal.OfAsync(reason, call);
        }
        else
        {
            await call();
        }
    }

    private static async Task SameAsync(TaskGrpcClient client, BoardTask[] tasks, BlockerModel model)
    {
        var stored = await ListAsync(client);
        for (var i = 0; i < Tasks; i++)
        {
            var task = stored[tasks[i].Id];
            Assert.Equal((model.Statuses[i], model.Deleted[i], model.OpenBlockers(i), model.Tokens[i] is not null),
                (task.Status, task.DeletedAt is not null, task.OpenBlockers, task.Lease is not null));
        }
    }

    /// <summary>Compares each count with the blockers that are listed, and looks for a cycle among them.</summary>
    private static async Task CountsAsync(TaskGrpcClient client, BoardTask[] tasks)
    {
        var stored = await ListAsync(client);
        var blockers = new Dictionary<string, List<string>>();
        foreach (var task in stored.Values)
        {
            blockers[task.Id] = task.DeletedAt is null ? await client.BlockersAsync(task) : [];
            Assert.Equal(blockers[task.Id].Count(blocker => stored[blocker].Status != Done), task.OpenBlockers);
            Assert.All(blockers[task.Id], blocker => Assert.Null(stored[blocker].DeletedAt));
        }

        var above = tasks.ToDictionary(task => task.Id, task => blockers[task.Id].ToHashSet());
        for (var i = 0; i < tasks.Length; i++)
        {
            foreach (var reached in above.Values)
            {
                reached.UnionWith(reached.SelectMany(id => blockers[id]).ToList());
            }
        }

        Assert.All(above, task => Assert.DoesNotContain(task.Key, task.Value));
    }

    /// <summary>Reads in the log what each claim found, and that a revision changes each task once.</summary>
    private static async Task LoggedAsync(TaskGrpcClient client, BoardTask[] tasks, long start)
    {
        var changes = (await client.Changes.ListChangesAsync(new() { AfterRevision = start, PageSize = 1000 })).Events
            .Select(seen => seen.Change).ToList();
        Assert.Distinct(changes.Select(change => (change.Revision, change.BoardTask.Id)));
        var states = tasks.ToDictionary(task => task.Id);
        foreach (var change in changes)
        {
            var before = states[change.BoardTask.Id];
            Assert.True(before.Lease is not null || change.BoardTask.Lease is null || before.OpenBlockers == 0, change.ToString());
            states[change.BoardTask.Id] = change.BoardTask;
        }
    }

    private static async Task<Dictionary<string, BoardTask>> ListAsync(TaskGrpcClient client) =>
        (await client.BoardTasks.ListBoardTasksAsync(new() { ShowDeleted = true })).BoardTasks.ToDictionary(task => task.Id);
}
