using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.BoardTasks;
using TaskGrpc.Server.Storage;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Ledger;

/// <summary>Group commit: several commands, one transaction.</summary>
public sealed class BatchTests : IAsyncLifetime
{
    private static readonly Caller Anna = new("org", new Actor { Type = ActorType.User, Id = "anna" });

    private readonly TemporaryFolder _folder = new();
    private readonly BoardTaskKind _kind = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private TestServer? _server;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void A_refused_command_in_a_batch_Refuses_alone()
    {
        using var writer = Writer();
        var batch = new Batch(writer, _time, TimeSpan.FromHours(24));
        var (one, bad, broken, two) = (Create("one"), Command(unit =>
        {
            unit.Create(_kind, new BoardTask { Title = "refused" });
            throw new Fault(ErrorReason.InvalidTransition, "No.");
        }), Command(unit =>
        {
            unit.Create(_kind, new BoardTask { Title = "broken" });
            throw new InvalidOperationException("A bug.");
        }), Create("two"));

        writer.Begin("org", Foreseen.Nothing);
        foreach (var command in new LedgerCommand[] { one, bad, broken, two })
        {
            batch.Run(command);
        }

        batch.Flush();
        writer.Commit();
        foreach (var command in new LedgerCommand[] { one, bad, broken, two })
        {
            command.Tell();
        }

        Assert.Equal([1, 2], batch.Logged["org"].Select(change => change.Revision));
        Assert.Equal(["one", "two"], batch.Logged["org"].Select(change => Change.Parser.ParseFrom(change.Body).BoardTask.Title));
        Assert.True(one.Outcome.IsCompletedSuccessfully && two.Outcome.IsCompletedSuccessfully);
        Assert.IsType<Fault>(bad.Outcome.Exception!.InnerException);
        Assert.IsType<InvalidOperationException>(broken.Outcome.Exception!.InnerException);
    }

    [Fact]
    public void Later_commands_of_a_batch_See_what_earlier_ones_left()
    {
        using var writer = Writer();
        var batch = new Batch(writer, _time, TimeSpan.FromHours(24));
        BoardTask? created = null;
        var create = Command(unit => created = unit.Create(_kind, new BoardTask { Title = "x" }));
        LedgerCommand Rename(string title, string etag) =>
            Command(unit => unit.Change(_kind, created!.Id, etag, null, (_, task, _) => task.Title = title));
        writer.Begin("org", Foreseen.Nothing);
        batch.Run(create);
        var stale = created!.Etag;
        var first = Rename("y", stale);
        var second = Rename("z", stale);
        batch.Run(first);
        batch.Run(second);
        batch.Flush();
        writer.Commit();

        Assert.Null(first.Fault);
        Assert.Equal(ErrorReason.EtagMismatch, second.Fault!.Reason);
        Assert.Equal("y", _kind.Parse(writer.Find(_kind.Table, "org", Guid.Parse(created.Id))!.Value.Body).Title);
        Assert.Equal(2, writer.Find(_kind.Table, "org", Guid.Parse(created.Id))!.Value.Version);
    }

    [Fact]
    public void A_batch_over_several_organizations_Counts_each_by_itself()
    {
        using var writer = Writer();
        var batch = new Batch(writer, _time, TimeSpan.FromHours(24));
        writer.Begin("org", Foreseen.Nothing);
        foreach (var organization in new[] { "a", "b", "a", "a", "b" })
        {
            batch.Run(Command(unit => unit.Create(_kind, new BoardTask { Title = "x" }), new Caller(organization, Anna.Actor)));
        }

        batch.Flush();
        writer.Commit();
        Assert.Equal([1, 2, 3], batch.Logged["a"].Select(change => change.Revision));
        Assert.Equal([1, 2], batch.Logged["b"].Select(change => change.Revision));
    }

    [Fact]
    public void A_clock_that_goes_back_Does_not_set_a_resource_back()
    {
        using var writer = Writer();
        _time.SetUtcNow(_time.GetUtcNow().AddDays(1));
        var clock = new SettableClock(_time.GetUtcNow());
        var batch = new Batch(writer, clock, TimeSpan.FromHours(24));
        BoardTask? task = null;
        writer.Begin("org", Foreseen.Nothing);
        batch.Run(Command(unit => task = unit.Create(_kind, new BoardTask { Title = "x" })));
        var createdAt = task!.UpdatedAt;
        clock.Now -= TimeSpan.FromHours(5);
        Timestamp? changedAt = null;
        batch.Run(Command(unit => task = unit.Change(_kind, task.Id, "", null, (_, after, at) => (after.Title, changedAt) = ("y", at))));
        batch.Flush();
        writer.TryRollback();

        Assert.Equal((createdAt, createdAt), (task.UpdatedAt, changedAt));
    }

    [Fact]
    public void A_request_id_past_its_time_Is_free_again()
    {
        using var writer = Writer();
        var request = new CreateBoardTaskRequest { RequestId = Guid.NewGuid().ToString(), BoardTask = new() { Title = "x" } };
        LedgerCommand<BoardTask> Send() =>
            new(Anna, request, dryRun: false, unit => unit.Create(_kind, request.BoardTask.Clone()), default);
        BoardTask Commit(TimeSpan later)
        {
            _time.Advance(later);
            var batch = new Batch(writer, _time, TimeSpan.FromHours(24));
            var command = Send();
            writer.Begin("org", Foreseen.Nothing);
            batch.Run(command);
            batch.Flush();
            writer.Commit();
            command.Tell();
            return command.Outcome.GetAwaiter().GetResult();
        }

        var first = Commit(TimeSpan.Zero);
        Assert.Equal(first, Commit(TimeSpan.FromHours(24) - TimeSpan.FromMicroseconds(1)));
        var second = Commit(TimeSpan.FromMicroseconds(1));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(second, Commit(TimeSpan.FromHours(1)));

        // Answers leave in the order of their use, and only after their time.
        Assert.Equal(0, writer.ExpireRequests(_time.GetUtcNow() - TimeSpan.FromHours(24), 500));
        Assert.Equal(1, writer.ExpireRequests(_time.GetUtcNow(), 500));
    }

    private StoreWriter Writer() => _server!.Services.GetRequiredService<TaskStore>().OpenWriter();

    private LedgerCommand<BoardTask> Create(string title) => Command(unit => unit.Create(_kind, new BoardTask { Title = title }));

    private static LedgerCommand<BoardTask> Command(Func<UnitOfWork, BoardTask> run, Caller? caller = null) =>
        new(caller ?? Anna, request: null, dryRun: false, run, default);

    private sealed class SettableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
