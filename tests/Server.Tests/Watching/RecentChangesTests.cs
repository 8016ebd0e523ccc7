using CsCheck;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Watching;

public sealed class RecentChangesTests
{
    /// <summary>Against a plain list: every read returns the log's slice, or reports that the slice is not in memory.</summary>
    [Fact]
    public void TryRead_Returns_the_slice_of_the_log_or_reports_that_it_is_missing() =>
        Gen.Select(Gen.Int[1, 4].Array[1, 40], Gen.Int[0, 10], Gen.Int[0, 60], Gen.Int[1, 8]).Sample((sizes, first, after, limit) =>
        {
            var recent = new RecentChanges(mostBytes: 250);
            var log = new List<LoggedChange>();
            var revision = (long)first;
            foreach (var size in sizes)
            {
                revision++;
                var changes = Enumerable.Range(0, size)
                    .Select(i =>
                        new LoggedChange(revision, i, size - 1 - i, ResourceKind.AgentTask, Guid.Empty, ChangeType.Created, new byte[10]))
                            .ToList();
                log.AddRange(changes);
                Assert.True(recent.TryAppend(changes));
                // Receiving the same commit again changes nothing.
                Assert.True(recent.TryAppend(changes));
            }

            var read = new List<LoggedChange>();
            var held = recent.TryRead(LogPosition.After(after), limit, read);

            Assert.Equal(after >= recent.After, held);
            Assert.InRange(log.Where(change => change.Revision > recent.After).Sum(change => change.Body.Length), 0, 250);
            Assert.Equal(held ? log.Where(change => change.Revision > after).Take(limit) : [], read);
        });

    [Fact]
    public void A_page_that_ends_inside_a_revision_Continues_there() =>
        Gen.Select(Gen.Int[1, 5].Array[1, 20], Gen.Int[1, 4]).Sample((sizes, limit) =>
        {
            var recent = new RecentChanges(mostBytes: int.MaxValue);
            recent.StartAfter(0);
            var log = new List<LoggedChange>();
            foreach (var (size, r) in sizes.Select((size, i) => (size, i + 1)))
            {
                var changes = Enumerable.Range(0, size)
                    .Select(i => new LoggedChange(r, i, size - 1 - i, ResourceKind.AgentTask, Guid.Empty, ChangeType.Created, []))
                    .ToList();
                log.AddRange(changes);
                Assert.True(recent.TryAppend(changes));
            }

            var (all, position, page) = (new List<LoggedChange>(), LogPosition.After(0), new List<LoggedChange>());
            do
            {
                page.Clear();
                Assert.True(recent.TryRead(position, limit, page));
                all.AddRange(page);
                position = page.Count > 0 ? LogPosition.After(page[^1]) : position;
            }
            while (page.Count > 0);

            Assert.Equal(log, all);
            Assert.Equal(sizes.Length, position.Progress);
        });
}
