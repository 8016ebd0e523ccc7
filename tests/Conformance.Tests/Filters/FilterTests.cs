using CsCheck;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Client;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Filters;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Filters;

/// <summary>The filter language: its meaning, in the database and in memory, and its refusals.</summary>
public abstract class FilterTests(ServerFixture fixture)
{
    [Fact]
    public async Task Random_filters_over_random_tasks_Mean_the_same_in_the_database_in_memory_and_in_the_model()
    {
        using var client = fixture.NewClient();
        var tasks = new List<AgentTask>();
        foreach (var (task, i) in FilterGen.Task.Array[150].Single().Select((task, i) => (task, i)))
        {
            var created = await client.CreateAgentTaskAsync(task);
            tasks.Add((i % 4) switch
            {
                0 => await client.TransitionAsync(created, AgentTaskStatus.Blocked),
                1 => await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = created.Id }),
                _ => created,
            });
        }

        var kind = fixture.Server.Services.GetRequiredService<KindDefinition<AgentTask>>();
        using var rented = await fixture.Server.Services.GetRequiredService<TaskStore>()
            .RentAsync(tasks[0].OrganizationId, TestContext.Current.CancellationToken);
        var matched = 0;
        await FilterGen.Filter.SampleAsync(
            async filter =>
            {
                var expected = tasks.Where(task => filter.Matches(task)).Select(task => task.Id).Order(StringComparer.Ordinal).ToList();
                var listed = await ListAsync(client, filter.Text);
                var inMemory = tasks.Where(task => kind.Filter(filter.Text)(task));
                Assert.Equal(expected, listed.Select(task => task.Id).Order(StringComparer.Ordinal));
                Assert.Equal(expected, inMemory.Select(task => task.Id).Order(StringComparer.Ordinal));
                matched += expected.Count is > 0 and < 150 ? 1 : 0;
                Assert.Equal((150, 0), Judged(rented.Reader, kind, filter.Text));
            },
            iter: 250,
            threads: 1);
        Assert.InRange(matched, 100, 250);
    }

    [Theory]
    [InlineData("status = QUEUED AND", 20)]
    [InlineData("status = NONE", 10)]
    [InlineData("statu = QUEUED", 1)]
    [InlineData("status < QUEUED", 1)]
    [InlineData("refund", 7)]
    [InlineData("title = \"x\" status = QUEUED", 13)]
    [InlineData("title = \"x\" and status = QUEUED", 13)]
    [InlineData("(title = \"x\"", 13)]
    [InlineData("title = \"x\")", 12)]
    [InlineData("title = \"x", 9)]
    [InlineData("title == \"x\"", 8)]
    [InlineData("title = \"😀\" AND foo = 1", 17)]
    [InlineData("priority = \"1\"", 12)]
    [InlineData("priority = 1.5", 12)]
    [InlineData("priority = 2147483648", 12)]
    [InlineData("due_at < 2030-01-01", 10)]
    [InlineData("due_at < \"2030-01-01\"", 10)]
    [InlineData("due_at < \"2030-13-01T00:00:00Z\"", 10)]
    [InlineData("workspace_visible = yes", 21)]
    [InlineData("workspace_visible > true", 1)]
    [InlineData("title.x = \"y\"", 1)]
    [InlineData("metadata = \"y\"", 1)]
    [InlineData("id = \"x\"", 6)]
    [InlineData("description = \"y\"", 1)]
    [InlineData("approval:*", 1)]
    [InlineData("title = \"a\\qb\"", 9)]
    [InlineData("title = $(rm)", 10)]
    [InlineData("max(priority) = 1", 4)]
    [InlineData("NOT", 4)]
    [InlineData("title = \"a\" OR", 15)]
    [InlineData("()", 2)]
    [InlineData("title ! \"x\"", 7)]
    public async Task A_filter_that_makes_no_sense_Is_refused_with_the_place(string filter, int position)
    {
        using var client = fixture.NewClient();
        var refusal = await Refusal.OfAsync(
            ErrorReason.InvalidFilter, () => client.AgentTasks.ListAgentTasksAsync(new() { Filter = filter }).ResponseAsync);
        Assert.Equal(position.ToString(System.Globalization.CultureInfo.InvariantCulture), refusal.Details["position"]);
        Assert.Equal("filter", Assert.Single(refusal.FieldViolations).Field);
        await Refusal.OfAsync(ErrorReason.InvalidFilter,
            () => WatchProbe.OpenAsync(client, new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = filter }));
        await Refusal.OfAsync(ErrorReason.InvalidFilter,
            () => client.Changes.ListChangesAsync(new() { Kinds = { ResourceKind.AgentTask }, Filter = filter }).ResponseAsync);
    }

    [Fact]
    public async Task Length_depth_and_terms_At_their_limits_are_taken_and_above_refused()
    {
        using var client = fixture.NewClient();
        await client.CreateAgentTaskAsync();
        string Deep(int depth) => new string('(', depth) + "priority = 100" + new string(')', depth);
        string Long(int terms) => string.Join(" AND ", Enumerable.Repeat("priority=100", terms));
        string Padded(int length) => "priority = 100".PadRight(length);

        foreach (var accepted in new[] { Deep(16), Long(64), Padded(4096) })
        {
            Assert.Single(await ListAsync(client, accepted));
        }

        await Refusal.OfAsync(ErrorReason.InvalidFilter, () => ListAsync(client, Deep(17)));
        await Refusal.OfAsync(ErrorReason.InvalidFilter, () => ListAsync(client, Long(65)));
        await Refusal.OfFieldsAsync(() => ListAsync(client, Padded(4097)), "filter");
    }

    [Fact]
    public async Task Every_scalar_on_the_wire_Can_be_filtered_by_except_the_four_that_the_contract_leaves_out()
    {
        using var client = fixture.NewClient();
        foreach (var (descriptor, list) in new (Google.Protobuf.Reflection.MessageDescriptor, Func<string, Task>)[]
        {
            (AgentTask.Descriptor, filter => client.AgentTasks.ListAgentTasksAsync(new() { Filter = filter }).ResponseAsync),
            (BoardTask.Descriptor, filter => client.BoardTasks.ListBoardTasksAsync(new() { Filter = filter }).ResponseAsync),
        })
        {
            foreach (var field in descriptor.Fields.InDeclarationOrder())
            {
                // Of messages, moments and metadata are filterable as such.
                var isFilterable = field.Name is not ("description" or "last_error" or "etag")
                    && (field.FieldType != FieldType.Message || field.Name == "metadata" || field.MessageType == Timestamp.Descriptor);
                var refusal = await Record.ExceptionAsync(() => list($"{field.Name}:*"));
                Assert.True(isFilterable == (refusal is null), $"{descriptor.Name}.{field.Name}: {refusal?.Message}");
            }
        }
    }

    [Fact]
    public async Task Each_list_Uses_its_own_values_for_any_number_of_shapes_and_values()
    {
        using var client = fixture.NewClient();
        string[] ids = [.. (await client.AgentTasks.BatchCreateAgentTasksAsync(new()
        {
            AgentTasks = { Enumerable.Range(1, 3).Select(priority => new AgentTask(Sample.AgentTask()) { Priority = priority }) },
        })).AgentTasks.Select(task => task.Id)];

        // More shapes than a connection keeps prepared, some with more values than a prepared statement may have; each filter runs twice.
        for (var terms = 1; terms <= 40; terms++)
        {
            foreach (var (comparator, join) in new[] { ("=", " OR "), ("!=", " AND ") })
            {
                for (var own = 0; own < 2; own++)
                {
                    var filter = string.Join(
                        join, Enumerable.Range(0, terms).Select(term => $"priority {comparator} {(term == terms - 1 ? own + 1 : 7)}"));
                    var listed = await ListAsync(client, filter);
                    Assert.Equal(comparator == "=" ? [ids[own]] : ids.Where(id => id != ids[own]).Order(StringComparer.Ordinal),
                        listed.Select(task => task.Id).Order(StringComparer.Ordinal));
                }
            }
        }
    }

    [Fact]
    public async Task A_page_token_of_another_filter_Is_refused()
    {
        using var client = fixture.NewClient();
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), 3) } });
        var page = await client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 2, Filter = "priority = 100" });
        await Refusal.OfAsync(ErrorReason.InvalidPageToken,
            () => client.AgentTasks.ListAgentTasksAsync(
                new() { PageSize = 2, Filter = "priority != 1", PageToken = page.NextPageToken }).ResponseAsync);
        Assert.Single(
            (await client.AgentTasks.ListAgentTasksAsync(
                new() { PageSize = 2, Filter = "priority = 100", PageToken = page.NextPageToken })).AgentTasks);
    }

    /// <summary>
    /// Of how many rows the condition is true or false, and of how many neither, which would let a NOT turn nothing around.
    /// </summary>
    private static (long Known, long Unknown) Judged(StoreReader reader, KindDefinition<AgentTask> kind, string filter)
    {
        var text = reader.NewList();
        var condition = kind.Columns.Filters.Parse(filter).Sql(text);
        using var rows = reader.Read(text.Add($"SELECT count({condition}), count(*) - count({condition})").AddRows(kind.Table.Name));
        Assert.True(rows.Read());
        return (rows.GetInt64(0), rows.GetInt64(1));
    }

    private static async Task<List<AgentTask>> ListAsync(TaskGrpcClient client, string filter)
    {
        var page = await client.AgentTasks.ListAgentTasksAsync(new() { Filter = filter, ShowDeleted = true, PageSize = 1000 });
        return [.. page.AgentTasks];
    }
}
