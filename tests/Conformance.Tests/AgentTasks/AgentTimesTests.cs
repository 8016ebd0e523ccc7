using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Client;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;
using static TaskGrpc.V1.AgentTaskStatus;

namespace TaskGrpc.Conformance.Tests.AgentTasks;

/// <summary>The times of agent and board tasks, on a server whose clock the test moves: not_before, due_at, approvals that end.</summary>
public abstract class AgentTimesTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly List<TaskGrpcClient> _clients = [];
    private TestServer? _server;

    protected FakeTimeProvider Time { get; } = new(Start);

    protected TestServer Server => _server!;

    protected TaskGrpcClient Anna => As("anna");

    public virtual async ValueTask InitializeAsync() => _server = await StartAsync(_folder.Path);

    public virtual async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a server; a second start finds the first one's database.</summary>
    protected abstract Task<TestServer> StartAsync(string folder);

    [Fact]
    public async Task Not_before_times_that_pass_together_Are_cleared_in_one_revision_and_the_tasks_are_ready()
    {
        var agent = await CreateAsync(task => task.NotBefore = In(60));
        var board = Sample.BoardTask();
        board.NotBefore = In(61);
        board = await Anna.CreateBoardTaskAsync(board);
        var later = await CreateAsync(task => task.NotBefore = In(600));
        Assert.Empty(await ClaimAsync(ResourceKind.AgentTask));
        Assert.Empty(await ClaimAsync(ResourceKind.BoardTask));

        Time.Advance(TimeSpan.FromSeconds(61));
        var changes = await UntilAsync(changes => changes.Count(IsBySystem) >= 2);

        var cleared = changes.Where(IsBySystem).ToList();
        Assert.Equal([agent.Id, board.Id], cleared.Select(change => change.AgentTask?.Id ?? change.BoardTask.Id));
        Assert.All(cleared, change => Assert.Equal(
            (cleared[0].Revision, "not_before has passed.", ChangeType.Updated), (change.Revision, change.Reason, change.Type)));
        Assert.Null(cleared[0].AgentTask.NotBefore);
        Assert.Null(cleared[1].BoardTask.NotBefore);
        Assert.Equal(agent.Id, Assert.Single(await ClaimAsync(ResourceKind.AgentTask)).AgentTask.Id);
        Assert.Equal(board.Id, Assert.Single(await ClaimAsync(ResourceKind.BoardTask)).BoardTask.Id);
        Assert.Equal(later.NotBefore, (await GetAsync(later)).NotBefore);
    }

    [Fact]
    public async Task A_not_before_that_has_passed_Is_stored_as_absent()
    {
        foreach (var seconds in new[] { -3600, 0 })
        {
            var task = await CreateAsync(sample => sample.NotBefore = In(seconds));
            Assert.Null(task.NotBefore);
            var waiting = await UpdateAsync(task, change => change.NotBefore = In(60));
            Assert.Equal(In(60), waiting.NotBefore);
            Assert.Null((await UpdateAsync(task, change => change.NotBefore = In(seconds))).NotBefore);
        }

        var (one, other) = (Sample.BoardTask(), Sample.BoardTask());
        (one.NotBefore, other.NotBefore) = (In(0), In(1));
        var batch = await Anna.BoardTasks.BatchCreateBoardTasksAsync(new() { BoardTasks = { one, other } });
        Assert.Equal([null, In(1)], batch.BoardTasks.Select(task => task.NotBefore));
        var preview = await Anna.BoardTasks.CreateBoardTaskAsync(new() { BoardTask = one, ValidateOnly = true });
        Assert.Null(preview.NotBefore);
        var moved = await Anna.BoardTasks.UpdateBoardTaskAsync(
            new() { BoardTask = new() { Id = batch.BoardTasks[1].Id, NotBefore = In(-1) } });
        Assert.Null(moved.NotBefore);
    }

    [Fact]
    public async Task A_due_at_that_passes_Sets_overdue_and_lists_and_watches_see_it()
    {
        var task = await CreateAsync(sample => sample.DueAt = In(60));
        var other = await CreateAsync(sample => sample.DueAt = In(3600));
        Assert.False(task.Overdue);
        using var watch = await WatchProbe.OpenAsync(
            Anna, new WatchRequest { Kinds = { ResourceKind.AgentTask }, Filter = "overdue = true", AfterRevision = 0 });

        Time.Advance(TimeSpan.FromSeconds(60));
        await watch.UntilCountAsync(1);

        var entered = watch.Events.Single();
        Assert.Equal((FilterMatch.Entered, task.Id), (entered.Match, entered.Change.AgentTask.Id));
        Assert.True(IsBySystem(entered.Change));
        Assert.Equal(["etag", "overdue", "updated_at"], entered.Change.ChangedFields.Paths.Order(StringComparer.Ordinal));
        Assert.Equal(task.Id, Assert.Single(await ListAsync("overdue = true")).Id);
        Assert.Equal(other.Id, Assert.Single(await ListAsync("overdue = false")).Id);
        // It marks each task once.
        Time.Advance(TimeSpan.FromSeconds(60));
        await CreateAsync();
        Assert.Single(await UntilAsync(changes => changes.Count > 3), IsBySystem);
    }

    [Fact]
    public async Task A_due_at_that_has_passed_Sets_overdue_in_the_same_change_and_a_move_clears_it()
    {
        var task = await CreateAsync(sample => sample.DueAt = In(-1));
        Assert.True(task.Overdue);
        Assert.False((await UpdateAsync(task, change => change.DueAt = In(1))).Overdue);
        Assert.True((await UpdateAsync(task, change => change.DueAt = In(0))).Overdue);
        // Another field leaves it.
        Assert.True((await UpdateAsync(task, change => change.Priority = 3)).Overdue);
        var cleared = await Anna.AgentTasks.UpdateAgentTaskAsync(
            new() { AgentTask = new() { Id = task.Id }, UpdateMask = new() { Paths = { "due_at" } } });
        Assert.False(cleared.Overdue);
        var preview = await Anna.AgentTasks.CreateAgentTaskAsync(
            new() { AgentTask = With(sample => sample.DueAt = In(-1)), ValidateOnly = true });
        Assert.True(preview.Overdue);
        Assert.DoesNotContain(await UntilAsync(changes => changes.Count == 5), IsBySystem);
    }

    [Fact]
    public async Task Finishing_Clears_overdue_and_a_retry_sets_it_again()
    {
        var task = await CreateAsync(sample => (sample.DueAt, sample.ExecutionMode) = (In(-1), ExecutionMode.Hybrid));
        var failed = await Anna.TransitionAsync(task, Failed);
        Assert.False(failed.Overdue);
        // The due_at of a finished task may move without a mark.
        Assert.False((await UpdateAsync(task, change => change.DueAt = In(-2))).Overdue);
        var retried = await Anna.TransitionAsync(task, Queued);
        Assert.True(retried.Overdue);
        Assert.False((await Anna.TransitionAsync(task, Canceled)).Overdue);
    }

    [Fact]
    public async Task Times_that_no_longer_stand_Do_not_fire()
    {
        Action<AgentTask> both = task => (task.NotBefore, task.DueAt) = (In(60), In(60));
        var deleted = await CreateAsync(both);
        await Anna.AgentTasks.DeleteAgentTaskAsync(new() { Id = deleted.Id });
        var moved = await CreateAsync(both);
        await UpdateAsync(moved, change => both(change));
        await UpdateAsync(moved, change => (change.NotBefore, change.DueAt) = (In(3600), In(3600)));
        var finished = await CreateAsync(task => task.DueAt = In(60));
        await Anna.TransitionAsync(finished, Canceled);
        var withdrawn = await WaitingAsync();
        await Anna.TransitionAsync(withdrawn, Planning);
        var approved = await WaitingAsync();
        await ApproveAsync(Anna, approved);
        var fence = await CreateAsync(task => (task.DueAt, task.NotBefore) = (In(62), In(62)));
        var pending = await WaitingAsync();

        Time.Advance(TimeSpan.FromSeconds(70));
        var changes = await UntilAsync(changes => changes.Count(IsBySystem) >= 3);

        Assert.Equal([fence.Id, fence.Id, pending.Id],
            changes.Where(IsBySystem).OrderBy(change => change.AgentTask.Id != fence.Id).Select(change => change.AgentTask.Id));
        Assert.Equal(Executing, (await GetAsync(approved)).Status);
    }

    [Fact]
    public async Task More_than_a_thousand_Are_marked_in_steps_of_a_thousand()
    {
        for (var i = 0; i < 3; i++)
        {
            var tasks = Enumerable.Range(0, i < 2 ? 1000 : 1).Select(_ => With(task => task.DueAt = In(60)));
            await Anna.AgentTasks.BatchCreateAgentTasksAsync(new() { AgentTasks = { tasks } });
        }

        Time.Advance(TimeSpan.FromSeconds(60));
        var changes = await UntilAsync(changes => changes.Count(IsBySystem) >= 2001);

        Assert.Equal([1000, 1000, 1], changes.Where(IsBySystem).GroupBy(change => change.Revision).Select(step => step.Count()));
        Assert.Equal(2001, changes.Where(IsBySystem).Select(change => change.AgentTask.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(ExecutionMode.Agentic, Planning)]
    [InlineData(ExecutionMode.Hybrid, Planning)]
    [InlineData(ExecutionMode.Deterministic, Queued)]
    public async Task An_approval_that_nobody_decides_Expires_like_a_reject(ExecutionMode mode, AgentTaskStatus to)
    {
        var waiting = await WaitingAsync(task => (task.ExecutionMode, task.RequiredApprovals) = (mode, 2));
        await ApproveAsync(Anna, waiting);
        Assert.Single(await ListAsync("status = AWAITING_APPROVAL"));

        Time.Advance(TimeSpan.FromSeconds(60));
        var expired = (await UntilAsync(changes => changes.Any(IsBySystem))).Single(IsBySystem);

        Assert.Equal(to, expired.AgentTask.Status);
        Assert.Equal(("AGENT_TASK_STATUS_AWAITING_APPROVAL", ChangeType.Transitioned), (expired.Transition.From, expired.Type));
        var approval = expired.AgentTask.Approval;
        Assert.Equal((ApprovalDecision.Expired, ActorType.System), (approval.Decision, approval.DecidedBy.Type));
        Assert.Equal(expired.ChangedAt, approval.DecidedAt);
        Assert.Empty(await ListAsync("status = AWAITING_APPROVAL"));
        await Refusal.OfAsync(ErrorReason.NoApprovalPending, () => ApproveAsync(As("bob"), expired.AgentTask));
        await Refusal.OfAsync(ErrorReason.ApprovalRequired, () => Anna.TransitionAsync(waiting, Executing));
    }

    [Theory]
    [InlineData("user")]
    [InlineData("service")]
    public async Task An_expired_approval_Keeps_the_task_from_workers_until_a_user_or_service_moves_it(string type)
    {
        var robot = As("robot", "agent");
        var task = await CreateAsync(sample => sample.ApprovalTimeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)));
        var lease = Assert.Single(await ClaimAsync(ResourceKind.AgentTask, robot));
        await robot.AgentTasks.TransitionAgentTaskAsync(new() { Id = task.Id, Status = AwaitingApproval, LeaseToken = lease.LeaseToken });
        Time.Advance(TimeSpan.FromSeconds(60));
        await UntilAsync(changes => changes.Any(IsBySystem));
        Assert.Empty(await ClaimAsync(ResourceKind.AgentTask));

        // What an AGENT does, and an edit of anybody, leaves it so.
        await UpdateAsync(task, change => change.Title = "Another title");
        foreach (var to in new[] { Queued, Planning, Failed, Queued, Planning })
        {
            var moved = await robot.TransitionAsync(task, to);
            Assert.Equal(ApprovalDecision.Expired, moved.Approval.Decision);
            Assert.Empty(await ClaimAsync(ResourceKind.AgentTask));
        }

        // Nor does it help an AGENT to ask again and withdraw.
        var again = await robot.TransitionAsync(task, AwaitingApproval);
        Assert.False(again.Approval.HasDecision);
        Assert.Equal(ApprovalDecision.Expired, (await robot.TransitionAsync(task, Planning)).Approval.Decision);
        Assert.Empty(await ClaimAsync(ResourceKind.AgentTask));

        var freed = await As("anna", type).TransitionAsync(task, Queued);
        Assert.Null(freed.Approval);
        Assert.Equal(task.Id, Assert.Single(await ClaimAsync(ResourceKind.AgentTask)).AgentTask.Id);
    }

    [Fact]
    public async Task An_approval_that_an_agent_asks_for_again_Is_given_as_the_first_one()
    {
        var robot = As("robot", "agent");
        var task = await CreateAsync(sample =>
            (sample.ExecutionMode, sample.ApprovalTimeout) = (ExecutionMode.Hybrid, Duration.FromTimeSpan(TimeSpan.FromMinutes(1))));
        await robot.TransitionAsync(task, AwaitingApproval);
        Time.Advance(TimeSpan.FromSeconds(60));
        await UntilAsync(changes => changes.Any(IsBySystem));

        var again = await robot.TransitionAsync(task, AwaitingApproval);
        Assert.Equal(In(60), again.Approval.ExpiresAt);
        var approved = await ApproveAsync(Anna, again);
        Assert.Equal((Executing, ApprovalDecision.Approved, "anna"),
            (approved.Status, approved.Approval.Decision, approved.Approval.DecidedBy.Id));
        Assert.Single(await ClaimAsync(ResourceKind.AgentTask));
    }

    [Fact]
    public async Task An_etag_from_before_overdue_and_votes_Is_still_good_for_a_decision()
    {
        var waiting = await WaitingAsync(task => (task.RequiredApprovals, task.DueAt) = (3, In(30)));
        await ApproveAsync(Anna, waiting);
        Time.Advance(TimeSpan.FromSeconds(30));
        await UntilAsync(changes => changes.Any(IsBySystem));

        Assert.Equal(2, (await ApproveAsync(As("bob"), waiting)).Approval.Votes.Count);
        Assert.Equal(Executing, (await ApproveAsync(As("carl"), waiting)).Status);

        // A move of due_at that sets overdue is not SYSTEM's mark.
        var other = await WaitingAsync();
        await UpdateAsync(other, change => change.DueAt = In(-1));
        await Refusal.OfAsync(ErrorReason.EtagMismatch, () => ApproveAsync(Anna, other));
    }

    [Fact]
    public async Task Times_that_pass_while_the_server_is_down_Fire_once_after_its_start()
    {
        var task = await CreateAsync(sample => (sample.NotBefore, sample.DueAt) = (In(60), In(61)));
        var waiting = await WaitingAsync();
        await Server.DisposeAsync();
        _server = null;
        _clients.Clear();
        Time.Advance(TimeSpan.FromHours(1));
        _server = await StartAsync(_folder.Path);

        var changes = await UntilAsync(changes => changes.Count(IsBySystem) >= 3);

        Assert.Equal(3, changes.Count(IsBySystem));
        var fired = await GetAsync(task);
        Assert.Equal((true, null), (fired.Overdue, fired.NotBefore));
        var expired = await GetAsync(waiting);
        Assert.Equal((Planning, ApprovalDecision.Expired), (expired.Status, expired.Approval.Decision));
    }

    [Fact]
    public async Task A_result_Is_kept_from_completion_and_a_retry_clears_what_the_last_try_left()
    {
        var task = await CreateAsync(sample =>
            (sample.ExecutionMode, sample.ApprovalPolicy) = (ExecutionMode.Deterministic, ApprovalPolicy.AutoExecute));
        var result = Value.ForStruct(new Struct { Fields = { ["refunded"] = Value.ForNumber(12) } });
        await Refusal.OfFieldsAsync(() => MoveAsync(Failed, result), "result");
        await Refusal.OfFieldsAsync(() => MoveAsync(Canceled, result), "result");
        var lease = Assert.Single(await ClaimAsync(ResourceKind.AgentTask));
        await Anna.Work.HeartbeatAsync(new()
        {
            Kind = ResourceKind.AgentTask,
            Id = task.Id,
            LeaseToken = lease.LeaseToken,
            Progress = new() { Percent = 40, Note = "half" },
        });
        await Anna.Work.RequestCancelAsync(new() { Kind = ResourceKind.AgentTask, Id = task.Id });
        var failed = await MoveAsync(Failed, null);
        Assert.Equal((40, true, 1), (failed.Progress.Percent, failed.CancelRequested is not null, failed.ClaimCount));

        var retried = await MoveAsync(Queued, null);
        Assert.Equal((null, null, null, 0, 0),
            (retried.Progress, retried.Result, retried.CancelRequested, retried.ClaimCount, retried.ExpiredLeases));
        await ClaimAsync(ResourceKind.AgentTask);
        var completed = await MoveAsync(Completed, result);

        Assert.Equal(result, completed.Result);
        Assert.Null(completed.Lease);
        Assert.Equal(result, (await GetAsync(task)).Result);

        async Task<AgentTask> MoveAsync(AgentTaskStatus to, Value? value)
        {
            var request = Sample.Transition(task, to);
            request.Result = value;
            return await Anna.AgentTasks.TransitionAgentTaskAsync(request);
        }
    }

    protected TaskGrpcClient As(string actor, string type = "user") => As(Server, actor, type);

    protected TaskGrpcClient As(TestServer server, string actor, string type = "user")
    {
        var client = server.Client("org", actor, type);
        _clients.Add(client);
        return client;
    }

    protected static bool IsBySystem(Change change) => change.Actor.Type == ActorType.System;

    protected Timestamp In(double seconds) => Timestamp.FromDateTimeOffset(Time.GetUtcNow().AddSeconds(seconds));

    protected Task<AgentTask> CreateAsync(Action<AgentTask>? set = null) => Anna.CreateAgentTaskAsync(With(set));

    /// <summary>The organization's log, once it meets a condition.</summary>
    protected async Task<List<Change>> UntilAsync(Func<List<Change>, bool> isReached)
    {
        using var watch = await WatchProbe.OpenAsync(Anna, new WatchRequest { AfterRevision = 0 });
        while (true)
        {
            var changes = watch.Events.Select(item => item.Change).ToList();
            if (isReached(changes))
            {
                return changes;
            }

            await watch.NextAsync();
        }
    }

    protected async Task<AgentTask> WaitingAsync(Action<AgentTask>? set = null)
    {
        var task = await CreateAsync(sample =>
        {
            (sample.ExecutionMode, sample.ApprovalTimeout) = (ExecutionMode.Hybrid, Duration.FromTimeSpan(TimeSpan.FromMinutes(1)));
            set?.Invoke(sample);
        });
        if (task.ExecutionMode == ExecutionMode.Agentic)
        {
            await Anna.TransitionAsync(task, Planning);
        }

        return await Anna.TransitionAsync(task, AwaitingApproval);
    }

    private static AgentTask With(Action<AgentTask>? set)
    {
        var task = Sample.AgentTask();
        set?.Invoke(task);
        return task;
    }

    private static async Task<AgentTask> ApproveAsync(TaskGrpcClient client, AgentTask task) =>
        await client.AgentTasks.ApproveAgentTaskAsync(new() { Id = task.Id, Etag = task.Etag });

    private async Task<AgentTask> UpdateAsync(AgentTask task, Action<AgentTask> set)
    {
        var change = new AgentTask { Id = task.Id };
        set(change);
        return await Anna.AgentTasks.UpdateAgentTaskAsync(new() { AgentTask = change });
    }

    private async Task<AgentTask> GetAsync(AgentTask task) => await Anna.AgentTasks.GetAgentTaskAsync(new() { Id = task.Id });

    private async Task<IReadOnlyList<AgentTask>> ListAsync(string filter) =>
        (await Anna.AgentTasks.ListAgentTasksAsync(new() { Filter = filter })).AgentTasks;

    private async Task<IReadOnlyList<Lease>> ClaimAsync(ResourceKind kind, TaskGrpcClient? client = null) =>
        (await (client ?? Anna).Work.ClaimNextAsync(new() { Kind = kind, Worker = "w1" })).Leases;
}
