using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.FlowExecutions;
using TaskGrpc.Server.Resources.MonitorTasks;
using TaskGrpc.Server.Resources.TaskExecutions;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Filters;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Filters;

/// <summary>Every filterable field of the kinds without random tests, with every comparison and every value that occurs.</summary>
public abstract class KindFilterTests(ServerFixture fixture)
{
    private static readonly string[] Comparisons = ["=", "!=", "<", "<=", ">", ">="];

    [Fact]
    public async Task Monitor_tasks_and_deliveries_Are_found_alike_in_the_database_and_in_memory()
    {
        using var client = fixture.NewClient();
        var plain = await client.CreateMonitorTaskAsync(Sample.Notification("ops"));
        var other = Sample.MonitorTask(new() { Type = DeliveryType.Workflow, WorkflowId = "restock", Endpoint = "https://x.example.com" });
        (other.ConceptId, other.ContextVersion, other.ContextWarning, other.GuardrailsVersion, other.ExternalKey) =
            ("Margin", "c1", "late", "g1", "m-1");
        var rich = await client.MonitorTasks.CreateMonitorTaskAsync(new() { MonitorTask = other });
        var paused = await client.CreateMonitorTaskAsync(Sample.Notification("dev"));
        await client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = paused.TaskId });
        await client.TriggerAsync(plain, "a");
        await client.UntilAsync(await client.TriggerAsync(rich, "b"), DeliveryStatus.Delivered);
        var hook = await client.CreateMonitorTaskAsync(Sample.Webhook(new Uri("http://127.0.0.1:9/hook")));
        await client.UntilAsync(await client.TriggerAsync(hook, "c"), DeliveryStatus.Retrying);
        // Paused, so that the delivery does not change during the test.
        await client.MonitorTasks.PauseMonitorTaskAsync(new() { TaskId = hook.TaskId });

        var tasks = await client.ListMonitorTasksAsync().ToListAsync();
        await CheckAsync(new MonitorTaskKind(), tasks, filter => client.ListMonitorTasksAsync(new() { Filter = filter }));
        await CheckAsync(new DeliveryKind(), await client.ListDeliveriesAsync().ToListAsync(),
            filter => client.ListDeliveriesAsync(new() { Filter = filter }));
        Assert.Equal(4, tasks.Count);
    }

    [Fact]
    public async Task Flows_and_task_executions_Are_found_alike_in_the_database_and_in_memory()
    {
        using var client = fixture.NewClient();
        var flow = await client.FlowExecutions.CreateFlowExecutionAsync(
            new() { FlowExecution = new(Sample.FlowExecution()) { ExternalKey = "run-7" } });
        var ended = await client.TransitionAsync(
            await client.TransitionAsync(await client.CreateFlowExecutionAsync(), FlowExecutionStatus.Running),
            FlowExecutionStatus.Completed);
        var traced = new Metadata { { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } };
        await client.TaskExecutions.CreateTaskExecutionAsync(new() { TaskExecution = Sample.TaskExecution(flow) }, traced);
        Assert.Single((await client.Work.ClaimNextAsync(new() { Kind = ResourceKind.TaskExecution, Worker = "w1" })).Leases);
        await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "other"));
        await client.TransitionAsync(
            await client.TransitionAsync(await client.CreateTaskExecutionAsync(Sample.TaskExecution(flow, "Fetch")),
                TaskExecutionStatus.Running), TaskExecutionStatus.Failed);
        await client.CreateTaskExecutionAsync(
            new() { FlowExecutionId = flow.Id, TaskName = "fetch", Status = TaskExecutionStatus.Completed, Output = Value.ForNumber(1) });

        await CheckAsync(new FlowExecutionKind(), await client.ListFlowExecutionsAsync().ToListAsync(),
            filter => client.ListFlowExecutionsAsync(new() { Filter = filter }));
        await CheckAsync(new TaskExecutionKind(), await client.ListTaskExecutionsAsync().ToListAsync(),
            filter => client.ListTaskExecutionsAsync(new() { Filter = filter }));
        Assert.NotNull(ended.FinishedAt);
    }

    private static async Task CheckAsync<T>(KindDefinition<T> kind, List<T> resources, Func<string, IAsyncEnumerable<T>> list)
        where T : class, Google.Protobuf.IMessage<T>, IResource, new()
    {
        foreach (var field in kind.Columns.Filters.Names)
        {
            string[] path = field.Split('.');
            var values = resources.Select(resource => PlainValue.Of(resource, path)).OfType<object>().Distinct().ToArray();
            foreach (var value in values)
            {
                foreach (var comparison in Comparisons.Take(IsOrdered(resources[0], path) ? Comparisons.Length : 2))
                {
                    await CompareAsync($"{field} {comparison} {Literal(resources[0], path, value)}",
                        resource => PlainValue.Holds(comparison, PlainValue.Of(resource, path), value));
                }
            }

            await CompareAsync($"{field}:*", resource => PlainValue.Of(resource, path) is not null);
            Assert.True(values.Length > 0, $"No sample has a value in {field}.");
        }

        async Task CompareAsync(string filter, Predicate<T> plainly)
        {
            var expected = resources.Where(resource => plainly(resource)).Select(resource => resource.Id).Order().ToList();
            Assert.True(expected.SequenceEqual((await list(filter).ToListAsync()).Select(resource => resource.Id).Order()),
                $"In the database: {filter}");
            Assert.True(expected.SequenceEqual(resources.Where(resource => kind.Filter(filter)(resource)).Select(resource => resource.Id)
                .Order()), $"In memory: {filter}");
        }
    }

    private static bool IsOrdered(IResource resource, string[] path) =>
        Field(resource, path).FieldType != Google.Protobuf.Reflection.FieldType.Enum;

    private static string Literal(IResource resource, string[] path, object value) => value switch
    {
        long microseconds =>
            FilterGen.Moment(microseconds).ToDateTimeOffset()
                .ToString("'\"'yyyy-MM-dd'T'HH:mm:ss.ffffff'Z\"'", CultureInfo.InvariantCulture),
        double number => number.ToString(CultureInfo.InvariantCulture),
        string text when !IsOrdered(resource, path) => text,
        _ => $"\"{value}\"",
    };

    private static Google.Protobuf.Reflection.FieldDescriptor Field(IResource resource, string[] path)
    {
        var field = resource.Descriptor.FindFieldByName(path[0]);
        return path.Length == 1 ? field : field.MessageType.FindFieldByName(path[1]);
    }
}
