using System.Diagnostics;
using PuppeteerSharp;
using Xunit;

namespace TaskGrpc.Browser.Tests;

/// <summary>What the page at / shows while others work.</summary>
public sealed class LivePageTests(Chromium chromium) : PageServer(chromium)
{
    private const string Open = "#open .title";
    private const string Moves = "#feed .move";

    [Fact]
    public async Task A_task_that_is_created_and_moved_Shows_up_live_with_who_and_why()
    {
        await Tab.GoLiveAsync(Server.Http);
        var id = await Caller.CreateAsync("Refund order 1042");
        await Tab.UntilTextsAsync(Open, "Refund order 1042");
        await Tab.UntilTextsAsync("#open .status", "Queued");

        await Caller.MoveAsync(id, "PLANNING", "The customer called twice");
        await Tab.UntilTextsAsync("#open .status", "Planning");
        await Tab.UntilTextsAsync(Moves, "Queued→Planning", "CreatedQueued");
        await Tab.UntilTextsAsync("#feed .by", "by user anna", "by user anna");
        await Tab.UntilTextsAsync("#feed .reason", "The customer called twice");

        await Caller.MoveAsync(id, "CANCELED");
        await Tab.UntilTextsAsync(Open);
        await Tab.UntilTextsAsync("#no-open", "Nothing is open.");
    }

    [Fact]
    public async Task What_was_there_before_the_page_was_opened_Is_shown()
    {
        var id = await Caller.CreateAsync("Refund order 1042");
        await Caller.MoveAsync(id, "BLOCKED");
        await Tab.GoLiveAsync(Server.Http);
        await Tab.UntilTextsAsync(Moves, "Queued→Blocked", "CreatedQueued");
        await Tab.UntilTextsAsync(Open, "Refund order 1042");
        await Tab.UntilTextsAsync(".card:first-child li", "Blocked\n1");
    }

    [Fact]
    public async Task Counts_Follow_every_change()
    {
        var first = await Caller.CreateAsync("first");
        await Tab.GoLiveAsync(Server.Http);
        var second = await Caller.CreateAsync("second");
        await Caller.MoveAsync(second, "PLANNING");
        await Tab.UntilTextsAsync(".card:first-child li", "Queued\n1", "Planning\n1");

        await Caller.MoveAsync(first, "CANCELED");
        await Tab.UntilTextsAsync(".card:first-child li", "Planning\n1", "Canceled\n1");
        await Tab.UntilTextsAsync(".card:first-child h2", "Agent tasks\n2");
    }

    [Fact]
    public async Task Each_kind_Has_its_count_and_its_open_tasks()
    {
        await Caller.CreateAsync("agent");
        await Caller.PostAsync("/agents/tasks", new { title = "board" });
        var monitor = await Caller.PostAsync("/tasks", new
        {
            intent = "monitor",
            conceptId = "margin",
            conceptVersion = "1",
            conditionId = "low",
            conditionVersion = "1",
            actionId = "alert",
            actionVersion = "1",
            entityScope = "all",
            delivery = new { type = "DELIVERY_TYPE_WEBHOOK", endpoint = "https://receiver.invalid/" },
        });
        await Tab.GoLiveAsync(Server.Http);
        await Caller.PostAsync($"/tasks/{monitor.GetProperty("taskId").GetString()}:trigger", new { triggerKey = "delivery" });
        var flow = (await Caller.PostAsync("/flow-executions", new { workflowId = "flow" })).GetProperty("id").GetString();
        await Caller.PostAsync("/task-executions", new { flowExecutionId = flow, taskName = "execution" });

        await Tab.UntilTextsAsync(Open, "agent", "board", "execution", "flow", "monitor", "delivery");
        await Tab.UntilTextsAsync(".card h2", "Agent tasks\n1", "Board tasks\n1", "Task executions\n1", "Flow executions\n1",
            "Monitor tasks\n1", "Deliveries\n1");
    }

    [Fact]
    public async Task A_claim_Shows_who_holds_the_task()
    {
        await Caller.CreateAsync("Refund order 1042");
        await Caller.PostAsync("/agents/tasks", new { title = "Order chairs", assignedToUserId = "ben" });
        await Tab.GoLiveAsync(Server.Http);
        await Tab.UntilTextsAsync("#open .holder", "Assigned to ben");

        await Caller.PostAsync("/work:claimNext", new { kind = "RESOURCE_KIND_AGENT_TASK", worker = "w-3" }, "planner-7", "agent");
        await Tab.UntilTextsAsync("#open .holder", "Held by w-3, agent planner-7", "Assigned to ben");
    }

    [Fact]
    public async Task The_filter_Leaves_what_has_all_its_words()
    {
        var id = await Caller.CreateAsync("Refund order 1042");
        await Caller.CreateAsync("Compare suppliers");
        await Caller.MoveAsync(id, "PLANNING");
        await Tab.GoLiveAsync(Server.Http);

        await FilterAsync("refund planning");
        await Tab.UntilTextsAsync(Open, "Refund order 1042");
        await Tab.UntilTextsAsync(Moves, "Queued→Planning");

        await FilterAsync(id);
        await Tab.UntilTextsAsync(Moves, "Queued→Planning", "CreatedQueued");

        await FilterAsync("agent task supp");
        await Tab.UntilTextsAsync(Open, "Compare suppliers");

        await FilterAsync("nowhere");
        await Tab.UntilTextsAsync("#no-open, #no-feed", "No open task matches the filter.", "No change matches the filter.");
    }

    [Fact]
    public async Task An_empty_server_Shows_a_command_that_creates_the_first_task()
    {
        await Tab.GoLiveAsync(Server.Http);
        await Tab.UntilTextsAsync("#empty h2", "No tasks yet");
        var command = (await Tab.TextsAsync("#first")).Single();
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await shell.WaitForExitAsync();
        await Tab.UntilTextsAsync(Open, "Refund order 1042");
        await Tab.UntilTextsAsync("#empty h2");
    }

    [Fact]
    public async Task More_than_fifty_open_tasks_Are_counted_and_come_up_as_others_end()
    {
        var tasks = Enumerable.Range(1, 70).Select(number => HttpCaller.NewTask($"task {number}"));
        var created = await Caller.PostAsync("/agent-tasks:batchCreate", new { agentTasks = tasks });
        await Tab.GoLiveAsync(Server.Http);
        await Tab.UntilTextsAsync(".more", "and 20 more");
        Assert.Equal(50, (await Tab.TextsAsync(Open)).Length);

        var shown = (await Tab.TextsAsync("#open code")).ToHashSet();
        foreach (var id in shown.Take(40))
        {
            await Caller.MoveAsync(id, "CANCELED");
        }

        var left = created.GetProperty("agentTasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!)
            .Except(shown.Take(40)).Order().ToArray();
        await Tab.UntilAsync($"document.querySelectorAll('{Open}').length === 30");
        Assert.Equal(left, (await Tab.TextsAsync("#open code")).Order());
        await Tab.UntilTextsAsync(".more");
    }

    [Fact]
    public async Task A_stream_that_brings_less_than_the_log_has_Is_behind()
    {
        var isBehind = true;
        await Tab.Page.SetRequestInterceptionAsync(true);
        Tab.Page.Request += async (_, asked) =>
        {
            var isCheck = asked.Request.Url.Contains("/changes?afterRevision", StringComparison.Ordinal);
            await (isCheck && isBehind
                ? asked.Request.RespondAsync(
                    new ResponseData { ContentType = "application/json", Body = """{"events":[{"change":{"revision":"9"}}]}""" })
                : asked.Request.ContinueAsync());
        };
        await Tab.Page.GoToAsync(Server.Http.ToString());
        await Tab.UntilPillAsync("Behind");
        isBehind = false;
        await Tab.UntilPillAsync("Live");
    }

    [Fact]
    public async Task The_Tab_key_Reaches_the_filter_and_the_tasks_and_stays_on_a_task_that_changes()
    {
        const string Focused = "document.activeElement.id";
        var id = await Caller.CreateAsync("Refund order 1042");
        await Tab.GoLiveAsync(Server.Http);
        await Tab.UntilTextsAsync(Open, "Refund order 1042");
        await Tab.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("filter", await Tab.Page.EvaluateExpressionAsync<string>(Focused));
        await Tab.Page.Keyboard.PressAsync("Tab");
        Assert.Equal($"open-{id}", await Tab.Page.EvaluateExpressionAsync<string>(Focused));

        await Caller.MoveAsync(id, "PLANNING");
        await Tab.UntilTextsAsync("#open .status", "Planning");
        Assert.Equal($"open-{id}", await Tab.Page.EvaluateExpressionAsync<string>(Focused));
        await Tab.Page.Keyboard.PressAsync("Enter");
        await Tab.UntilAsync($"location.pathname === '/agent-tasks/{id}'");
    }

    private async Task FilterAsync(string text)
    {
        await Tab.Page.EvaluateExpressionAsync("document.getElementById('filter').value = ''");
        await Tab.Page.FocusAsync("#filter");
        await Tab.Page.Keyboard.TypeAsync(text);
    }
}
