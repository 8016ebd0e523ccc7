using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Work;

/// <summary>Claims that wait: who is woken, and what ends a wait.</summary>
public abstract class WaitingClaimTests(ServerFixture fixture)
{
    private const string Urgent = "task_type = urgent";
    private const string Slow = "task_type = slow";

    private readonly string _organization = fixture.NewOrganization();

    [Fact]
    public async Task A_waiting_claim_Gets_what_becomes_ready_and_matches()
    {
        using var agent = NewAgent(0);
        var waiting = ClaimAsync(agent, filter: "task_type = wanted");
        await WaitingAsync(1);
        await CreateAsync(agent, "other");
        var wanted = await CreateAsync(agent, "wanted");
        Assert.Equal(wanted.Id, Assert.Single((await waiting).Leases).AgentTask.Id);
    }

    [Fact]
    public async Task The_first_that_waits_Is_served_first_and_the_others_wait_on()
    {
        const int waiters = 5;
        using var creator = NewAgent(99);
        var agents = Enumerable.Range(0, waiters).Select(NewAgent).ToList();
        var waiting = new List<Task<ClaimNextResponse>>();
        foreach (var agent in agents)
        {
            waiting.Add(ClaimAsync(agent));
            await WaitingAsync(waiting.Count);
        }

        for (var i = 0; i < waiters; i++)
        {
            var task = await CreateAsync(creator);
            Assert.Same(waiting[i], await Task.WhenAny(waiting.Skip(i)));
            Assert.Equal(task.Id, Assert.Single((await waiting[i]).Leases).AgentTask.Id);
        }

        agents.ForEach(agent => agent.Dispose());
    }

    [Fact]
    public async Task A_batch_of_new_tasks_Serves_as_many_waiting_claims()
    {
        const int waiters = 6, tasks = 4;
        using var creator = NewAgent(99);
        var agents = Enumerable.Range(0, waiters).Select(NewAgent).ToList();
        var waiting = agents.Select(agent => ClaimAsync(agent)).ToList();
        await WaitingAsync(waiters);
        await creator.AgentTasks.BatchCreateAgentTasksAsync(new()
        {
            AgentTasks = { Enumerable.Range(0, tasks).Select(i => Sample.AgentTask($"t{i}")) },
        });
        var served = new HashSet<string>();
        for (var i = 0; i < tasks; i++)
        {
            var done = await Task.WhenAny(waiting);
            waiting.Remove(done);
            served.Add(Assert.Single((await done).Leases).AgentTask.Id);
        }

        Assert.Equal(tasks, served.Count);
        Assert.All(waiting, left => Assert.False(left.IsCompleted));
        await CreateAsync(creator);
        await CreateAsync(creator);
        Assert.All(await Task.WhenAll(waiting), answer => Assert.Single(answer.Leases));
        agents.ForEach(agent => agent.Dispose());
    }

    [Fact]
    public async Task Work_that_is_given_back_Goes_to_a_waiting_claim()
    {
        using var first = NewAgent(0);
        using var second = NewAgent(1);
        await CreateAsync(first);
        var lease = Assert.Single((await ClaimAsync(first)).Leases);
        var waiting = ClaimAsync(second);
        await WaitingAsync(1);
        await first.Work.ReleaseAsync(new() { Kind = ResourceKind.AgentTask, Id = lease.AgentTask.Id, LeaseToken = lease.LeaseToken });
        Assert.Equal(lease.AgentTask.Id, Assert.Single((await waiting).Leases).AgentTask.Id);
    }

    [Fact]
    public async Task A_canceled_wait_Passes_its_turn_on()
    {
        using var first = NewAgent(0);
        using var second = NewAgent(1);
        for (var i = 0; i < 20; i++)
        {
            using var gone = new CancellationTokenSource();
            var canceled = ClaimAsync(first, cancellationToken: gone.Token);
            await WaitingAsync(1);
            var waiting = ClaimAsync(second);
            await WaitingAsync(2);
            // The task and the cancel race. If the claim that is canceled has been served, its answer is lost and the next task is the
            // other's; if not, the task must not stay behind while the other waits.
            var created = CreateAsync(second);
            await gone.CancelAsync();
            var task = await created;
            while (!waiting.IsCompleted)
            {
                var state = await second.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id });
                if (state.Lease?.Holder.Id == "agent-0")
                {
                    await CreateAsync(second);
                    break;
                }
            }

            Assert.Single((await waiting).Leases);
            await Task.WhenAny(canceled);
        }
    }

    [Fact]
    public async Task A_claim_that_takes_another_claims_task_Passes_its_own_turn_on()
    {
        using var creator = NewAgent(99);
        var agents = Enumerable.Range(0, 3).Select(NewAgent).ToList();
        for (var i = 0; i < 10; i++)
        {
            using var gone = new CancellationTokenSource();
            var waiting = new List<Task<ClaimNextResponse>>();
            // Both orders, because the claim that was woken last may be the first to claim.
            string[] filters = i % 2 == 0 ? ["", Urgent, Slow] : [Urgent, "", Slow];
            foreach (var (agent, filter) in agents.Zip(filters))
            {
                waiting.Add(ClaimAsync(agent, filter, gone.Token));
                await WaitingAsync(waiting.Count);
            }

            // The claim without a filter has the turn for the slow task, and takes the urgent one: the slow one is the third claim's then.
            AgentTask[] tasks = i % 2 == 0 ? [Typed("slow", 2), Typed("urgent", 1)] : [Typed("urgent", 1), Typed("slow", 2)];
            await creator.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { tasks } });
            var served = new HashSet<string>();
            while (served.Count < 2)
            {
                var done = await Task.WhenAny(waiting).WaitAsync(TimeSpan.FromSeconds(20));
                waiting.Remove(done);
                served.Add(Assert.Single((await done).Leases).AgentTask.TaskType);
            }

            await gone.CancelAsync();
            await WaitingAsync(0);
        }

        agents.ForEach(agent => agent.Dispose());

        static AgentTask Typed(string type, int priority)
        {
            var task = Sample.AgentTask();
            (task.TaskType, task.Priority) = (type, priority);
            return task;
        }
    }

    [Fact]
    public async Task A_waiting_claim_Misses_nothing_that_becomes_ready_while_another_takes_what_it_was_woken_for()
    {
        using var thief = NewAgent(0);
        using var patient = NewAgent(1);
        for (var i = 0; i < 100; i++)
        {
            // A claim with such a filter takes longer: it reads its candidates outside of the lane.
            var waiting = ClaimAsync(patient, "title = \"Refund*\"");
            await WaitingAsync(1);
            await CreateAsync(thief);
            await thief.Work.ClaimNextAsync(new() { Kind = ResourceKind.AgentTask, Worker = "w2" });
            await CreateAsync(thief);
            Assert.Single((await waiting.WaitAsync(TimeSpan.FromSeconds(20))).Leases);
            // Nothing is left for the next round.
            await thief.Work.ClaimNextAsync(new() { Kind = ResourceKind.AgentTask, Worker = "w2", MaxTasks = 100 });
        }
    }

    [Fact]
    public async Task A_wait_Ends_empty_before_the_deadline()
    {
        using var agent = NewAgent(0);
        var answer = await agent.Work.ClaimNextAsync(Request(""), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(2));
        Assert.Empty(answer.Leases);
    }

    private TaskGrpcClient NewAgent(int number) => fixture.Server.Client(_organization, $"agent-{number}", "agent");

    private static ClaimNextRequest Request(string filter) => new()
    {
        Kind = ResourceKind.AgentTask,
        Worker = "w1",
        Filter = filter,
        Wait = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)),
    };

    private static async Task<ClaimNextResponse> ClaimAsync(
        TaskGrpcClient client, string filter = "", CancellationToken cancellationToken = default) => await client.Work.ClaimNextAsync(
            Request(filter), new CallOptions(
                deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(70), cancellationToken: cancellationToken));

    private static async Task<AgentTask> CreateAsync(TaskGrpcClient client, string type = "refund")
    {
        var task = Sample.AgentTask();
        task.TaskType = type;
        return await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = task });
    }

    /// <summary>Waits until that many claims sleep on the server. No other test of the class runs meanwhile.</summary>
    private async Task WaitingAsync(int count)
    {
        while (fixture.Server.WaitingClaims != count)
        {
            await Task.Yield();
        }
    }
}
