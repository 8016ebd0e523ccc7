using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

/// <summary>Keys that callers give to resources: unique for ever among an organization's resources of a kind.</summary>
public abstract class ExternalKeyTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_second_creation_with_a_key_Is_refused_and_names_the_first_for_each_kind_apart()
    {
        using var client = fixture.NewClient();
        var creations = new Func<Task<IResource>>[]
        {
            async () => await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Agent("order-42") }),
            async () => await client.BoardTasks.CreateBoardTaskAsync(
                new() { BoardTask = new(Sample.BoardTask()) { ExternalKey = "order-42" } }),
            async () => await client.MonitorTasks.CreateMonitorTaskAsync(
                new() { MonitorTask = new(Sample.MonitorTask()) { ExternalKey = "order-42" } }),
            async () => await client.FlowExecutions.CreateFlowExecutionAsync(
                new() { FlowExecution = new(Sample.FlowExecution()) { ExternalKey = "order-42" } }),
        };
        foreach (var create in creations)
        {
            var first = await create();
            Assert.Equal("order-42", ((IKeyedResource)first).ExternalKey);
            var refusal = await Refusal.OfAsync(ErrorReason.ExternalKeyExists, create);
            Assert.Equal(first.Id, refusal.Details["existing_id"]);
            Assert.Contains("external_key", Assert.Single(refusal.FieldViolations).Field, StringComparison.Ordinal);
        }

        // Another organization has keys of its own, and a resource without a key has none to share.
        using var other = fixture.NewClient();
        await other.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Agent("order-42") });
        await client.CreateAgentTaskAsync();
        await client.CreateAgentTaskAsync();
    }

    [Fact]
    public async Task A_deleted_resource_Keeps_its_key_and_an_update_cannot_change_it()
    {
        using var client = fixture.NewClient();
        var task = await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Agent("k") });
        var update = new UpdateAgentTaskRequest
        {
            AgentTask = new() { Id = task.Id, ExternalKey = "other" },
            UpdateMask = FieldMask.FromString("external_key")
        };
        await Refusal.OfAsync(ErrorReason.ImmutableField, () => client.AgentTasks.UpdateAgentTaskAsync(update).ResponseAsync);
        await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = task.Id });
        var refusal = await Refusal.OfAsync(
            ErrorReason.ExternalKeyExists, () => client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Agent("k") }).ResponseAsync);
        Assert.Equal(task.Id, refusal.Details["existing_id"]);
        await Refusal.OfAsync(
            ErrorReason.ExternalKeyExists,
                () => client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Agent("k"), ValidateOnly = true }).ResponseAsync);
    }

    [Fact]
    public async Task A_batch_Names_every_key_that_exists_and_refuses_a_key_twice()
    {
        using var client = fixture.NewClient();
        var first = (
            await client.AgentTasks.BatchCreateAgentTasksAsync(
                new() { AgentTasks = { Agent("a"), Agent("b"), Sample.AgentTask() } })).AgentTasks;
        Task Create(params AgentTask[] tasks) =>
            client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { tasks } }).ResponseAsync;

        var refusal = await Refusal.OfAsync(ErrorReason.ExternalKeyExists, () => Create(Agent("c"), Agent("b"), Agent("a")));
        Assert.Equal(first[1].Id, refusal.Details["existing_id"]);
        Assert.Equal(
            ["agent_tasks[1].external_key", "agent_tasks[2].external_key"], refusal.FieldViolations.Select(violation => violation.Field));
        await Refusal.OfFieldsAsync(() => Create(Agent("d"), Agent("e"), Agent("d")), "agent_tasks[2].external_key");
        // Nothing of the refused ones was kept.
        await Create(Agent("c"), Agent("d"), Agent("e"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\u200B")]
    public async Task A_key_without_a_visible_character_Is_refused(string key)
    {
        using var client = fixture.NewClient();
        await Refusal.OfFieldsAsync(
            () => client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Agent(key) }).ResponseAsync, "agent_task.external_key");
    }

    [Fact]
    public async Task A_key_of_256_characters_Is_taken_found_by_a_filter_and_one_more_is_refused()
    {
        using var client = fixture.NewClient();
        var key = string.Concat(Enumerable.Repeat("\U0001F600", 256));
        var task = await client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Agent(key) });
        var found = await client.AgentTasks.ListAgentTasksAsync(new() { Filter = $"external_key = \"{key}\"" });
        Assert.Equal(task.Id, Assert.Single(found.AgentTasks).Id);
        await Refusal.OfFieldsAsync(
            () => client.AgentTasks.CreateAgentTaskAsync(new() { AgentTask = Agent(key + "x") }).ResponseAsync, "agent_task.external_key");
    }

    [Fact]
    public async Task Of_creations_at_the_same_time_One_Takes_the_key_and_a_repeat_by_request_id_gets_its_answer()
    {
        using var client = fixture.NewClient();
        for (var round = 0; round < 5; round++)
        {
            var requests = Enumerable.Range(0, 16)
                .Select(_ => new CreateAgentTaskRequest { AgentTask = Agent($"race-{round}"), RequestId = Guid.NewGuid().ToString() })
                .ToArray();
            var outcomes = await Task.WhenAll(requests.Select(async request =>
            {
                try
                {
                    return (Created: await client.AgentTasks.CreateAgentTaskAsync(request), Existing: "");
                }
                catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.ExternalKeyExists)
                {
                    return (Created: null!, Existing: refusal.Details["existing_id"]);
                }
            }));
            var winner = Assert.Single(outcomes, outcome => outcome.Created is not null).Created;
            Assert.All(outcomes.Where(outcome => outcome.Created is null), outcome => Assert.Equal(winner.Id, outcome.Existing));
            var own = requests[Array.FindIndex(outcomes, outcome => outcome.Created is not null)];
            Assert.Equal(winner, await client.AgentTasks.CreateAgentTaskAsync(own));
        }
    }

    [Fact]
    public async Task Of_two_batches_with_the_same_keys_in_opposite_order_One_Is_stored_whole_and_the_other_not_at_all()
    {
        using var client = fixture.NewClient();
        for (var round = 0; round < 10; round++)
        {
            string[] keys = [.. Enumerable.Range(0, 20).Select(i => $"{round}-{i}")];
            async Task<(IList<AgentTask>? Tasks, TaskGrpcException? Refusal)> TryAsync(IEnumerable<string> order)
            {
                try
                {
                    var request = new BatchCreateAgentTasksRequest { AgentTasks = { order.Select(Agent) } };
                    return ((await client.AgentTasks.BatchCreateAgentTasksAsync(request)).AgentTasks, null);
                }
                catch (TaskGrpcException refusal)
                {
                    return (null, refusal);
                }
            }

            var outcomes = await Task.WhenAll(TryAsync(keys), TryAsync(keys.Reverse()), TryAsync(keys), TryAsync(keys.Reverse()));
            var stored = Assert.Single(outcomes, outcome => outcome.Refusal is null).Tasks!;
            Assert.All(outcomes.Where(outcome => outcome.Refusal is not null), outcome =>
            {
                Assert.Equal(ErrorReason.ExternalKeyExists, outcome.Refusal!.Reason);
                Assert.Contains(outcome.Refusal.Details["existing_id"], stored.Select(task => task.Id));
            });
            Assert.Equal(keys.Length * (round + 1), (await client.Statistics.CountAsync(new() { Kind = ResourceKind.AgentTask })).Total);
        }
    }

    private static AgentTask Agent(string key) => new(Sample.AgentTask()) { ExternalKey = key };
}
