using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.TestKit;
using TaskGrpc.TestKit.Filters;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>The checker finds each invariant that a test breaks, and nothing in a correct history.</summary>
public sealed class HistoryCheckerTests
{
    private const string Organization = "org";

    private readonly List<Change> _log = [];
    private readonly List<AgentTask> _resources = [];
    private readonly List<HistoryEntry> _history = [];

    public HistoryCheckerTests()
    {
        for (var i = 1; i <= 3; i++)
        {
            var task = new AgentTask { Id = $"task-{i}", Title = $"create-{i}", Status = AgentTaskStatus.Queued, Etag = "1" };
            _log.Add(new Change { Revision = (2 * i) - 1, Type = ChangeType.Created, AgentTask = task, ChangedFields = new FieldMask() });
            var moved = task.Clone();
            (moved.Status, moved.Etag) = (AgentTaskStatus.Planning, "2");
            _log.Add(new Change
            {
                Revision = 2 * i,
                Type = ChangeType.Transitioned,
                Reason = $"move-{i}",
                AgentTask = moved,
                PreviousAgentTask = new AgentTask { Status = AgentTaskStatus.Queued, Etag = "1" },
                ChangedFields = new FieldMask { Paths = { "etag", "status" } },
            });
            _resources.Add(moved);
            _history.Add(new CallEntry(Organization, $"create-{i}", CallOutcome.Acknowledged, task.ToByteArray()));
            _history.Add(new CallEntry(Organization, $"move-{i}", CallOutcome.Unknown, []));
        }

        _history.Add(new CallEntry(Organization, "refused", CallOutcome.Refused, []));
        _history.Add(Message(0, 0, revision: 0));
        _history.Add(Message(0, 0, revision: 2, 1, 2));
        // The connection was cut before its progress arrived, so the next connection begins before it.
        _history.Add(Message(0, 0, revision: 0, 3));
        _history.Add(Message(1, 2, revision: 4, 3, 4));
        _history.Add(Message(1, 2, revision: 6, 5, 6));
        _history.Add(SnapshotAtFour());
        _history.Add(Message(0, MessageEntry.Snapshot, revision: 6, 5, 6) with { Stream = "snapshot" });
    }

    public static TheoryData<string, string> Corruptions => new()
    {
        { "W1", "an event out of order" },
        { "W2", "an event twice" },
        { "W3", "an event left out" },
        { "W4", "progress ahead of the events" },
        { "W5", "an event after its progress" },
        { "W6", "a connection that begins too late" },
        { "W7", "a wrong match" },
        { "W8", "a wrong previous value" },
        { "W9", "a snapshot that lacks a task" },
        { "W9", "a snapshot of another moment" },
        { "W4", "progress before the snapshot is complete" },
        { "D1", "an acknowledged change that the log lost" },
        { "D2", "a refused request with an effect" },
        { "D3", "two effects of one request" },
        { "D4", "a gap in the revisions" },
        { "D5", "a task that is not what its changes make of it" },
        { "D6", "an event that the log does not have" },
    };

    [Fact]
    public void A_sound_history_Is_clean() => Assert.Empty(Check());

    [Theory]
    [MemberData(nameof(Corruptions))]
    public void A_history_corrupted_on_purpose_Is_found_by_name(string invariant, string corruption)
    {
        Corrupt(corruption);
        Assert.Contains(Check(), violation => violation.StartsWith(invariant, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_history_Is_the_same_after_it_was_kept_in_a_file()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "history.jsonl");
        var file = new HistoryFile();
        _history.ForEach(file.Add);
        await file.WriteAsync(path);
        var read = await HistoryFile.ReadAsync(path);
        Assert.Equal(_history.Count, read.Count);
        Assert.Empty(HistoryChecker.Check(new GroundTruth(Organization, _log, _resources), read));
    }

    private IReadOnlyList<string> Check() => HistoryChecker.Check(new GroundTruth(Organization, _log, _resources), _history);

    private void Corrupt(string corruption)
    {
        switch (corruption)
        {
            case "an event out of order":
                _history[Last] = Message(1, 2, revision: 6, 6, 5);
                break;
            case "an event twice":
                _history[Last] = Message(1, 2, revision: 6, 5, 5);
                break;
            case "an event left out":
                _history[Last] = Message(1, 2, revision: 6, 6);
                break;
            case "progress ahead of the events":
                _history[Last - 1] = Message(1, 2, revision: 5, 3, 4);
                break;
            case "an event after its progress":
                _history.Add(Message(1, 2, revision: 0, 4));
                break;
            case "a connection that begins too late":
                _history[Last - 1] = Message(1, 3, revision: 4, 4);
                break;
            case "a wrong match":
                var message = WatchResponse.Parser.ParseFrom(((MessageEntry)_history[Last]).Message);
                message.Events[0].Match = FilterMatch.Left;
                _history[Last] = (MessageEntry)_history[Last] with { Message = message.ToByteArray() };
                break;
            case "a wrong previous value":
                _log[1].PreviousAgentTask.Status = AgentTaskStatus.Blocked;
                break;
            case "a snapshot that lacks a task":
                Resnap(message => message.Events.RemoveAt(0));
                break;
            case "a snapshot of another moment":
                Resnap(message => message.Events[1].Change.AgentTask.Title = "later");
                break;
            case "progress before the snapshot is complete":
                _history.Insert(_history.Count - 2, Message(0, MessageEntry.Snapshot, revision: 4) with { Stream = "snapshot" });
                break;
            case "an acknowledged change that the log lost":
                _history.Add(new CallEntry(Organization, "create-9", CallOutcome.Acknowledged, []));
                break;
            case "a refused request with an effect":
                _history.Add(new CallEntry(Organization, "move-1", CallOutcome.Refused, []));
                break;
            case "two effects of one request":
                _log[3].Reason = "move-1";
                break;
            case "a gap in the revisions":
                _log.RemoveAt(2);
                break;
            case "a task that is not what its changes make of it":
                _resources[0] = new AgentTask(_resources[0]) { Title = "other" };
                break;
            case "an event that the log does not have":
                _log[5] = new Change(_log[5]) { ChangedAt = new Timestamp { Seconds = 1 } };
                break;
        }
    }

    [Fact]
    public void A_watch_with_a_filter_Is_compared_with_the_filters_meaning()
    {
        var planning = new FilterModel("status = PLANNING", task => ((AgentTask)task).Status == AgentTaskStatus.Planning);
        var views = new Dictionary<string, WatchedView> { ["filtered"] = new(planning, ShowDeleted: false) };
        var message = new WatchResponse { Revision = 6 };
        message.Events.AddRange(
            new[] { 2, 4, 6 }.Select(revision => new WatchEvent { Change = _log[revision - 1], Match = FilterMatch.Entered }));
        IReadOnlyList<string> Check(WatchResponse seen) =>
            HistoryChecker.Check(new GroundTruth(Organization, _log, _resources),
                [new MessageEntry(Organization, "filtered", 0, 0, seen.ToByteArray())], views);

        Assert.Empty(Check(message));
        var wrong = message.Clone();
        wrong.Events[1].Match = FilterMatch.Stayed;
        Assert.StartsWith("W7", Assert.Single(Check(wrong)), StringComparison.Ordinal);
        var more = message.Clone();
        more.Events.Insert(0, new WatchEvent { Change = _log[0], Match = FilterMatch.Entered });
        Assert.Contains(Check(more), violation => violation.StartsWith("W3", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, FilterMatch.Left, false)]
    [InlineData(true, FilterMatch.Stayed, true)]
    [InlineData(false, FilterMatch.Stayed, true)]
    [InlineData(true, FilterMatch.Left, false)]
    public void A_watch_that_keeps_deleted_tasks_Is_held_against_a_view_that_does(bool showDeleted, FilterMatch match, bool isInSnapshot)
    {
        var deleted = new AgentTask(_resources[0]) { DeletedAt = new Timestamp { Seconds = 1 } };
        _log.Add(new Change
        {
            Revision = 7,
            Type = ChangeType.Deleted,
            AgentTask = deleted,
            PreviousAgentTask = new AgentTask(),
            ChangedFields = new FieldMask { Paths = { "deleted_at" } },
        });
        _resources[0] = deleted;
        var deletion = new WatchResponse { Revision = 7, Events = { new WatchEvent { Change = _log[6], Match = match } } };
        var snapshot = new WatchResponse { Revision = 7, SnapshotComplete = true };
        snapshot.Events.AddRange(_resources.Where(task => isInSnapshot || task.DeletedAt is null).Select(task => new WatchEvent
        {
            Change = new Change { Revision = 7, Type = ChangeType.Snapshot, AgentTask = task },
            Match = FilterMatch.Entered,
        }));
        var views = new[] { "deletion", "snapshot" }.ToDictionary(stream => stream, _ => new WatchedView(Filter: null, showDeleted));
        var found = HistoryChecker.Check(
            new GroundTruth(Organization, _log, _resources),
            [
                new MessageEntry(Organization, "deletion", 0, 6, deletion.ToByteArray()),
                new MessageEntry(Organization, "snapshot", 0, MessageEntry.Snapshot, snapshot.ToByteArray()),
            ],
            views);

        Assert.Equal(showDeleted == isInSnapshot ? [] : ["W7", "W9"], found.Select(violation => violation[..2]));
    }

    private int Last => _history.FindLastIndex(entry => entry is MessageEntry { Stream: "watch" });

    private MessageEntry SnapshotAtFour()
    {
        var message = new WatchResponse { Revision = 4, SnapshotComplete = true };
        message.Events.AddRange(_log[..4].Where(change => change.Type != ChangeType.Created).Select(change => new WatchEvent
        {
            Change = new Change { Revision = 4, Type = ChangeType.Snapshot, AgentTask = change.AgentTask },
            Match = FilterMatch.Entered,
        }));
        return new MessageEntry(Organization, "snapshot", 0, MessageEntry.Snapshot, message.ToByteArray());
    }

    private void Resnap(Action<WatchResponse> change)
    {
        var at = _history.FindIndex(entry => entry is MessageEntry { Stream: "snapshot" });
        var message = WatchResponse.Parser.ParseFrom(((MessageEntry)_history[at]).Message);
        change(message);
        _history[at] = (MessageEntry)_history[at] with { Message = message.ToByteArray() };
    }

    private MessageEntry Message(int session, long from, long revision, params int[] revisions)
    {
        var message = new WatchResponse { Revision = revision };
        message.Events.AddRange(revisions.Select(r => _log[r - 1]).Select(change => new WatchEvent
        {
            Change = change.Clone(),
            Match = change.Type == ChangeType.Created ? FilterMatch.Entered : FilterMatch.Stayed,
        }));
        return new MessageEntry(Organization, "watch", session, from, message.ToByteArray());
    }
}
