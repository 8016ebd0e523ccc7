using System.Collections.Concurrent;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Ledger;

/// <summary>The order in which the lane commits commands.</summary>
public sealed class LaneQueueTests
{
    [Fact]
    public void An_organization_with_one_command_Waits_for_no_more_than_one_of_another()
    {
        using var queue = new LaneQueue(new StorageOptions(), isShared: true);
        Add(queue, "noisy", 500);
        Add(queue, "quiet", 1);
        var batch = Take(queue);
        Assert.Equal(["noisy", "quiet"], batch.Take(2));
    }

    [Fact]
    public void An_organization_Has_an_eighth_of_a_commit_where_it_shares_the_lane_and_all_of_it_where_it_does_not()
    {
        using LaneQueue shared = new(new StorageOptions { CommitBatch = 80 }, isShared: true),
            own = new(new StorageOptions { CommitBatch = 80 }, isShared: false);
        Add(shared, "noisy", 500);
        Add(own, "noisy", 500);
        Assert.Equal((10, 80), (Take(shared).Count, Take(own).Count));
    }

    [Fact]
    public void Commands_of_an_organization_Keep_their_order_and_none_is_lost()
    {
        using var queue = new LaneQueue(
            new StorageOptions { CommitBatch = 10, CommandQueue = 100_000, CommandQueuePerOrganization = 100_000 }, isShared: true);
        var random = new Random(7);
        var sent = Enumerable.Range(0, 1000).Select(_ => Command($"organization-{random.Next(20)}")).ToList();
        sent.ForEach(command => Assert.Equal(QueueAnswer.Taken, queue.Add("", command)));
        var taken = new List<LedgerCommand>();
        while (queue.Count > 0)
        {
            var batch = new List<LedgerCommand>();
            queue.Return(queue.Take(batch)!, isHeld: false, putBack: []);
            Assert.InRange(batch.Count, 1, 10);
            taken.AddRange(batch);
        }

        Assert.Equal(sent.Count, taken.Count);
        foreach (var organization in sent.Select(command => command.Caller.OrganizationId).Distinct())
        {
            Assert.Equal(sent.Where(command => command.Caller.OrganizationId == organization),
                taken.Where(command => command.Caller.OrganizationId == organization));
        }
    }

    [Fact]
    public void A_full_share_Keeps_out_its_organization_and_no_other()
    {
        using var queue = new LaneQueue(new StorageOptions { CommandQueue = 5, CommandQueuePerOrganization = 3 }, isShared: true);
        Add(queue, "noisy", 3);
        Assert.Equal(QueueAnswer.FullForOrganization, queue.Add("", Command("noisy")));
        Add(queue, "quiet", 2);
        Assert.Equal(QueueAnswer.Full, queue.Add("", Command("third")));
        Take(queue);
        Add(queue, "noisy", 1);
        queue.Complete();
        Assert.Equal(QueueAnswer.Completed, queue.Add("", Command("noisy")));
    }

    [Fact(Timeout = 60_000)]
    public async Task Commands_that_are_put_back_at_random_All_come_through_in_order()
    {
        using var queue =
            new LaneQueue(new StorageOptions { CommandQueue = 100_000, CommandQueuePerOrganization = 100_000 }, isShared: false);
        var done = new ConcurrentDictionary<string, List<LedgerCommand>>();
        var workers = Enumerable.Range(0, 4)
            .Select(seed =>
                Task.Factory.StartNew(
                    () => Work(queue, new Random(seed), done), default, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        var sent = Enumerable.Range(0, 2000).Select(i => Command($"organization-{i % 12}")).ToList();
        foreach (var command in sent)
        {
            Assert.Equal(QueueAnswer.Taken, queue.Add(command.Caller.OrganizationId, command));
            await Task.Yield();
        }

        // Complete() would wake every worker, so wait before it: each command alone must be enough to be found.
        while (done.Values.Sum(own => own.Count) < sent.Count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        queue.Complete();
        await Task.WhenAll(workers);
        foreach (var (organization, own) in done)
        {
            Assert.Equal(sent.Where(command => command.Caller.OrganizationId == organization), own);
        }
    }

    private static void Work(LaneQueue queue, Random random, ConcurrentDictionary<string, List<LedgerCommand>> done)
    {
        var batch = new List<LedgerCommand>();
        while (queue.Take(batch) is { } lane)
        {
            var isHeld = random.Next(3) == 0;
            if (!isHeld)
            {
                done.GetOrAdd(lane.Name, _ => []).AddRange(batch);
            }

            queue.Return(lane, isHeld, isHeld ? [.. batch] : []);
            batch.Clear();
        }
    }

    private static void Add(LaneQueue queue, string organizationId, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(QueueAnswer.Taken, queue.Add("", Command(organizationId)));
        }
    }

    private static List<string> Take(LaneQueue queue)
    {
        var batch = new List<LedgerCommand>();
        queue.Return(queue.Take(batch)!, isHeld: false, putBack: []);
        return [.. batch.Select(command => command.Caller.OrganizationId)];
    }

    private static LedgerCommand<BoardTask> Command(string organizationId) =>
        new(new Caller(organizationId, new Actor { Type = ActorType.User, Id = "anna" }), request: null, dryRun: false,
            _ => new BoardTask(), default);
}
