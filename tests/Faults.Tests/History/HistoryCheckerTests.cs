using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Testing;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>The checker finds each invariant broken on purpose, and nothing in a sound history.</summary>
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
        // This one was cut before its progress came, so the next connection begins before it.
        _history.Add(Message(0, 0, revision: 0, 3));
        _history.Add(Message(1, 2, revision: 4, 3, 4));
        _history.Add(Message(1, 2, revision: 6, 5, 6));
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
                _history[^1] = Message(1, 2, revision: 6, 6, 5);
                break;
            case "an event twice":
                _history[^1] = Message(1, 2, revision: 6, 5, 5);
                break;
            case "an event left out":
                _history[^1] = Message(1, 2, revision: 6, 6);
                break;
            case "progress ahead of the events":
                _history[^2] = Message(1, 2, revision: 5, 3, 4);
                break;
            case "an event after its progress":
                _history.Add(Message(1, 2, revision: 0, 4));
                break;
            case "a connection that begins too late":
                _history[^2] = Message(1, 3, revision: 4, 4);
                break;
            case "a wrong match":
                var message = WatchResponse.Parser.ParseFrom(((MessageEntry)_history[^1]).Message);
                message.Events[0].Match = FilterMatch.Left;
                _history[^1] = (MessageEntry)_history[^1] with { Message = message.ToByteArray() };
                break;
            case "a wrong previous value":
                _log[1].PreviousAgentTask.Status = AgentTaskStatus.Blocked;
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
