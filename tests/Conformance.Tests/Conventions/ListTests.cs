using CsCheck;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Conventions;

public abstract class ListTests(ServerFixture fixture)
{
    private static readonly string[] Fields = ["created_at", "updated_at", "priority", "due_at", "title", "status"];

    [Fact]
    public async Task Pages_in_any_order_Return_every_task_once_in_that_order()
    {
        using var client = fixture.NewClient();
        var random = new Random(7);
        var all = new List<AgentTask>();
        for (var i = 0; i < 60; i++)
        {
            // Few different values, so ties are common; some tasks have no due date.
            var sample = Sample.AgentTask("t" + random.Next(4));
            sample.Priority = random.Next(3);
            sample.DueAt = random.Next(3) == 0 ? null : new Timestamp { Seconds = random.Next(3), Nanos = random.Next(2) * 1000 };
            var task = await client.CreateAgentTaskAsync(sample);
            all.Add(random.Next(3) == 0 ? await client.TransitionAsync(task, AgentTaskStatus.Planning) : task);
        }

        var order = Gen.Select(Gen.Shuffle(Fields), Gen.Int[1, 3], Gen.Bool.Array[3], Gen.Int[1, 61]);
        await order.SampleAsync(
            async (fields, count, descending, pageSize) =>
            {
                var terms = fields.Take(count).Select((field, i) => (field, descending[i])).ToArray();
                var listed = await ListAllAsync(
                    client, string.Join(", ", terms.Select(term => term.field + (term.Item2 ? " desc" : ""))), pageSize);
                Assert.Equal(Sorted(all, terms).Select(task => task.Id), listed.Select(task => task.Id));
            },
            iter: 60,
            threads: 1);
    }

    [Fact]
    public async Task Pages_under_writes_Neither_skip_nor_repeat_unchanged_rows()
    {
        using var client = fixture.NewClient();
        var stay = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            stay.Add((await client.CreateAgentTaskAsync()).Id);
        }

        var seen = new List<string>();
        var request = new ListAgentTasksRequest { PageSize = 7 };
        ListAgentTasksResponse page;
        do
        {
            page = await client.AgentTasks.ListAgentTasksAsync(request);
            seen.AddRange(page.AgentTasks.Select(task => task.Id));
            request.PageToken = page.NextPageToken;
            await client.CreateAgentTaskAsync();
            await client.AgentTasks.DeleteAgentTaskAsync(new() { Id = (await client.CreateAgentTaskAsync()).Id });
        }
        while (page.NextPageToken.Length > 0);

        Assert.Equal(40, page.Revision);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Superset(stay, seen.ToHashSet());
    }

    [Fact]
    public async Task A_page_token_that_was_made_up_or_tampered_with_Is_refused()
    {
        using var client = fixture.NewClient();
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), 3) } });
        var token = (await client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 2 })).NextPageToken;
        Assert.Single((await client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 2, PageToken = token })).AgentTasks);
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(token);
        for (var i = 0; i < bytes.Length; i += 7)
        {
            var tampered = bytes.ToArray();
            tampered[i] ^= 1;
            await Refusal.OfAsync(ErrorReason.InvalidPageToken,
                () => client.AgentTasks.ListAgentTasksAsync(
                    new() { PageSize = 2, PageToken = System.Buffers.Text.Base64Url.EncodeToString(tampered) }).ResponseAsync);
        }

        var madeUp = System.Buffers.Text.Base64Url.EncodeToString("""{"Binding":"","Revision":1,"ResumeToken":"","Keys":[]}"""u8);
        await Refusal.OfAsync(ErrorReason.InvalidPageToken,
            () => client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 2, PageToken = madeUp }).ResponseAsync);
    }

    [Fact]
    public async Task Page_sizes_Have_a_default_and_a_ceiling()
    {
        using var client = fixture.NewClient();
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), 1000) } });
        await client.CreateAgentTaskAsync();

        Assert.Equal(50, (await client.AgentTasks.ListAgentTasksAsync(new())).AgentTasks.Count);
        Assert.Equal(1000, (await client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 5000 })).AgentTasks.Count);
        Assert.Equal(1001, (await ListAllAsync(client, "", 999)).Count);
        await Refusal.OfFieldsAsync(() => client.AgentTasks.ListAgentTasksAsync(new() { PageSize = -1 }).ResponseAsync, "page_size");
    }

    [Fact]
    public async Task A_page_of_large_tasks_Ends_at_two_mebibytes()
    {
        using var client = fixture.NewClient();
        var large = Sample.AgentTask();
        large.Description = new string('x', 65_000);
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(large, 40) } });

        var page = await client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 40 });

        Assert.InRange(page.CalculateSize(), 1_900_000, 2 * 1024 * 1024 + 70_000);
        Assert.NotEmpty(page.NextPageToken);
        Assert.Equal(40, (await ListAllAsync(client, "", 40)).Count);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("title asc")]
    [InlineData("title desc desc")]
    [InlineData("title,,status")]
    [InlineData("title, title desc")]
    [InlineData("description")]
    public async Task An_order_that_does_not_parse_Is_refused(string orderBy)
    {
        using var client = fixture.NewClient();
        await Refusal.OfFieldsAsync(() => client.AgentTasks.ListAgentTasksAsync(new() { OrderBy = orderBy }).ResponseAsync, "order_by");
    }

    [Fact]
    public async Task A_token_of_another_request_Is_refused()
    {
        using var client = fixture.NewClient();
        using var otherClient = fixture.NewClient();
        await client.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), 3) } });
        var token = (await client.AgentTasks.ListAgentTasksAsync(new() { PageSize = 1 })).NextPageToken;

        await RefusedAsync(client, new() { PageToken = token, OrderBy = "title" });
        await RefusedAsync(client, new() { PageToken = token, ShowDeleted = true });
        await RefusedAsync(otherClient, new() { PageToken = token });
        foreach (var malformed in new[] { "x", token[1..], token + "A", "bnVsbA", "e30", Convert.ToBase64String("[]"u8) })
        {
            await RefusedAsync(client, new() { PageToken = malformed });
        }

        await Refusal.OfAsync(
            ErrorReason.InvalidPageToken, () => client.BoardTasks.ListBoardTasksAsync(new() { PageToken = token }).ResponseAsync);
    }

    [Fact]
    public async Task A_list_Is_where_a_watch_goes_on()
    {
        using var client = fixture.NewClient();
        await client.CreateAgentTaskAsync();
        var page = await client.AgentTasks.ListAgentTasksAsync(new());
        var next = await client.CreateAgentTaskAsync();

        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest { ResumeToken = page.ResumeToken });
        await watch.UntilAsync(2);

        Assert.Equal(1, page.Revision);
        Assert.Equal(next, watch.Events.Single().Change.AgentTask);
    }

    [Fact]
    public async Task BatchGet_Answers_in_the_order_asked_and_names_the_first_that_is_missing()
    {
        using var client = fixture.NewClient();
        var tasks = (
            await client.AgentTasks.BatchCreateAgentTasksAsync(
                new() { AgentTasks = { Enumerable.Repeat(Sample.AgentTask(), 3) } })).AgentTasks;
        var asked = new[] { tasks[2], tasks[0], tasks[2] };
        Assert.Equal(
            asked, (await client.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { asked.Select(task => task.Id) } })).AgentTasks);

        var missing = Guid.NewGuid().ToString();
        var refusal = await Refusal.OfAsync(ErrorReason.ResourceNotFound,
            () => client.AgentTasks.BatchGetAgentTasksAsync(
                new() { Ids = { tasks[0].Id, missing, Guid.NewGuid().ToString() } }).ResponseAsync);
        Assert.Contains(missing, refusal.Status.Detail, StringComparison.Ordinal);
        await Refusal.OfFieldsAsync(() => client.AgentTasks.BatchGetAgentTasksAsync(new()).ResponseAsync, "ids");
        await Refusal.OfFieldsAsync(() =>
            client.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { Enumerable.Repeat(missing, 1001) } }).ResponseAsync, "ids");
    }

    [Fact]
    public async Task BatchGet_of_more_than_four_mebibytes_Is_refused()
    {
        using var client = fixture.NewClient();
        var large = Sample.AgentTask();
        large.Description = new string('x', 65_000);
        var task = await client.CreateAgentTaskAsync(large);

        Assert.Equal(
            64, (await client.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { Enumerable.Repeat(task.Id, 64) } })).AgentTasks.Count);
        await Refusal.OfFieldsAsync(() =>
            client.AgentTasks.BatchGetAgentTasksAsync(new() { Ids = { Enumerable.Repeat(task.Id, 65) } }).ResponseAsync, "ids");
    }

    private static Task<TaskGrpcException> RefusedAsync(TaskGrpcClient client, ListAgentTasksRequest request) =>
        Refusal.OfAsync(ErrorReason.InvalidPageToken, () => client.AgentTasks.ListAgentTasksAsync(request).ResponseAsync);

    private static async Task<List<AgentTask>> ListAllAsync(TaskGrpcClient client, string orderBy, int pageSize)
    {
        var all = new List<AgentTask>();
        var request = new ListAgentTasksRequest { OrderBy = orderBy, PageSize = pageSize };
        do
        {
            var page = await client.AgentTasks.ListAgentTasksAsync(request);
            all.AddRange(page.AgentTasks);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return all;
    }

    /// <summary>The contract's order, written again: absent values last, strings by UTF-8 bytes, the id breaks ties.</summary>
    private static IEnumerable<AgentTask> Sorted(IEnumerable<AgentTask> tasks, (string Field, bool Descending)[] terms)
    {
        var sorted = tasks.OrderBy(_ => 0);
        foreach (var (field, descending) in terms)
        {
            IComparable? Key(AgentTask task) => field switch
            {
                "created_at" => task.CreatedAt.ToDateTimeOffset(),
                "updated_at" => task.UpdatedAt.ToDateTimeOffset(),
                "priority" => task.Priority,
                "due_at" => task.DueAt?.ToDateTimeOffset(),
                "status" => (int)task.Status,
                _ => task.Title,
            };
            sorted = sorted.ThenBy(task => Key(task) is null);
            sorted = descending ? sorted.ThenByDescending(Key) : sorted.ThenBy(Key);
        }

        return terms[^1].Descending
            ? sorted.ThenByDescending(task => task.Id, StringComparer.Ordinal) : sorted.ThenBy(task => task.Id, StringComparer.Ordinal);
    }
}
