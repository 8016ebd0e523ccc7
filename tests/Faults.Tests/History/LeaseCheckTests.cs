using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Faults.Tests.History;

/// <summary>The checker finds each broken invariant of leases by its name, and nothing in a correct history.</summary>
public sealed class LeaseCheckTests
{
    private const string Organization = "org";
    private const string Id = "task";

    private readonly List<HistoryEntry> _history =
    [
        new ClaimEntry(Organization, "w1", Id, 2, "t1"),
        new ClaimEntry(Organization, "w2", Id, 4, "t2"),
        new HeldWriteEntry(Organization, Id, "t1", CallOutcome.Refused, "", 3),
        new HeldWriteEntry(Organization, Id, "t2", CallOutcome.Acknowledged, "5", 0),
        new DrainedEntry(Organization),
    ];

    // Created, claimed by w1, expired, claimed by w2, completed by w2.
    private readonly List<Change> _log =
    [
        Logged(1, "maker", ActorType.User, task => task.Status = AgentTaskStatus.Queued),
        Logged(2, "a1", ActorType.Agent, task => Hold(task, 2, "1", claims: 1)),
        Logged(3, "system", ActorType.System, task => (task.ClaimCount, task.ExpiredLeases) = (1, 1)),
        Logged(4, "a2", ActorType.Agent, task =>
        {
            Hold(task, 4, "2", claims: 2);
            task.ExpiredLeases = 1;
        }),
        Logged(5, "a2", ActorType.Agent, task =>
            (task.Status, task.ClaimCount, task.ExpiredLeases) = (AgentTaskStatus.Completed, 2, 1)),
    ];

    public static TheoryData<string, string> Corruptions => new()
    {
        { "L1", "a claim over a standing lease" },
        { "L1", "a lease that the log does not have" },
        { "L1", "two holders of one lease" },
        { "L1", "one token of two leases" },
        { "L1", "a lease_revision that is not the claim's" },
        { "L2", "an accepted write of a lease that has ended" },
        { "L2", "a refused write of a lease that stood" },
        { "L3", "an expiry that is not counted" },
        { "L3", "work that nobody takes again" },
        { "L4", "work that another agent finished" },
        { "L4", "work that was finished and begun again" },
        { "D1", "an acknowledged write that the log does not have" },
    };

    [Fact]
    public void A_sound_history_Is_clean() => Assert.Empty(Check());

    [Theory]
    [MemberData(nameof(Corruptions))]
    public void A_history_corrupted_on_purpose_Is_found_by_name(string invariant, string corruption)
    {
        switch (corruption)
        {
            case "a claim over a standing lease":
                _log.RemoveAt(2);
                break;
            case "a lease that the log does not have":
                _history.Add(new ClaimEntry(Organization, "w3", Id, 9, "t3"));
                break;
            case "two holders of one lease":
                _history.Add(new ClaimEntry(Organization, "w2", Id, 4, "t3"));
                break;
            case "one token of two leases":
                _history[1] = new ClaimEntry(Organization, "w2", Id, 4, "t1");
                _history[3] = new HeldWriteEntry(Organization, Id, "t1", CallOutcome.Refused, "", 5);
                break;
            case "a lease_revision that is not the claim's":
                _log[1].AgentTask.Lease.LeaseRevision = 1;
                break;
            case "an accepted write of a lease that has ended":
                _history[3] = new HeldWriteEntry(Organization, Id, "t1", CallOutcome.Acknowledged, "5", 0);
                break;
            case "a refused write of a lease that stood":
                _history[2] = new HeldWriteEntry(Organization, Id, "t1", CallOutcome.Refused, "", 2);
                break;
            case "an expiry that is not counted":
                _log[2].AgentTask.ExpiredLeases = 0;
                break;
            case "work that nobody takes again":
                _log.RemoveRange(3, 2);
                break;
            case "work that another agent finished":
                _log[4].Actor.Id = "a1";
                break;
            case "work that was finished and begun again":
                _log.Add(Logged(6, "a1", ActorType.Agent, task => task.Status = AgentTaskStatus.Queued));
                break;
            case "an acknowledged write that the log does not have":
                _history[3] = new HeldWriteEntry(Organization, Id, "t2", CallOutcome.Acknowledged, "other", 0);
                break;
            default:
                Assert.Fail($"There is no corruption '{corruption}'.");
                break;
        }

        Assert.Contains(Check(), violation => violation.StartsWith(invariant, StringComparison.Ordinal));
    }

    private IEnumerable<string> Check() => new LeaseCheck(new GroundTruth(Organization, _log, []), _history).Run();

    private static Change Logged(long revision, string actor, ActorType type, Action<AgentTask> set)
    {
        var task = new AgentTask { Id = Id, Etag = $"{revision}", Status = AgentTaskStatus.Executing };
        set(task);
        return new Change { Revision = revision, Actor = new Actor { Id = actor, Type = type }, AgentTask = task };
    }

    private static void Hold(AgentTask task, long revision, string number, int claims)
    {
        task.ClaimCount = claims;
        task.Lease = new HeldLease { Holder = new Actor { Id = $"a{number}" }, Worker = $"w{number}", LeaseRevision = revision };
    }
}
