using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Schema;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.Server.Storage.Sqlite.Log;
using TaskGrpc.TestKit;

namespace TaskGrpc.Faults.Tests;

/// <summary>A store with a known bug. The tests of one organization choose what happens at the moment when the bug shows.</summary>
internal sealed class KnownBugStore(
    KnownBug bug, IOptions<StorageOptions> options, IConfiguration configuration, BodyReader bodies, CommitSignal signal)
    : SqliteStore(options, configuration, bodies)
{
    private readonly KnownBug _bug = bug;
    private readonly CommitSignal _signal = signal;
    private Action? _betweenHeadAndLog;
    private Action? _beforeCommit;
    private int _toLose;

    public static Task<TestServer> StartAsync(string folder, KnownBug bug = KnownBug.None, TimeProvider? time = null)
    {
        static KnownBugStore Create(IServiceProvider services, KnownBug bug) =>
            ActivatorUtilities.CreateInstance<KnownBugStore>(services, bug);
        return TestServer.StartAsync(
            folder, time, replace: services => services.AddSingleton<SqliteStore>(provider => Create(provider, bug)));
    }

    public static KnownBugStore Of(TestServer server) => (KnownBugStore)server.Services.GetRequiredService<TaskStore>();

    /// <summary>Runs an action each time between the read of the head and the read of the log.</summary>
    public void BetweenHeadAndLog(Action happens) => _betweenHeadAndLog = happens;

    /// <summary>Runs an action once between a transaction's last write and its COMMIT.</summary>
    public void BeforeNextCommit(Action happens) => Volatile.Write(ref _beforeCommit, happens);

    /// <summary>Makes the next commit fail after its answers have left, if the store has that bug.</summary>
    public void LoseNextCommit() => Volatile.Write(ref _toLose, _bug == KnownBug.ClaimBeforeCommit ? 1 : 0);

    public override StoreWriter OpenWriter() =>
        new Writer(this, Connect(), new SqliteCheckpoints(Connect(), new SqliteStandingRead(Connect)));

    protected override StoreReader OpenReader(int generation) => new Reader(this, Connect()) { Generation = generation };

    /// <summary>Reads in a snapshot of its own.</summary>
    private T Apart<T>(string organizationId, Func<StoreReader, T> read)
    {
        using var reader = new StoreReader(Connect());
        reader.BeginRent(organizationId);
        return read(reader);
    }

    private sealed class Reader(KnownBugStore store, StoreConnection db) : StoreReader(db)
    {
        private bool _isHeadNext;

        public override View OpenView()
        {
            _isHeadNext = true;
            return base.OpenView();
        }

        public override LogHead Head()
        {
            var head = base.Head();
            if (!_isHeadNext)
            {
                return head;
            }

            _isHeadNext = false;
            store._betweenHeadAndLog?.Invoke();
            return store._bug == KnownBug.ProgressAheadOfCursor ? store.Apart(OrganizationId, reader => reader.Head()) : head;
        }

        public override IEnumerable<ChangeRow> Log(long revision, int ordinal, int limit) => store._bug switch
        {
            KnownBug.CompactionCheckedBeforeRead => store.Apart(OrganizationId, reader => reader.Log(revision, ordinal, limit).ToList()),
            KnownBug.DroppingQueue when revision > 0 => [],
            _ => base.Log(revision, ordinal, limit),
        };
    }

    private sealed class Writer(KnownBugStore store, SqliteStoreConnection db, SqliteCheckpoints checkpoints)
        : SqliteWriter(db, checkpoints)
    {
        private readonly List<LoggedChange> _written = [];
        private string _organizationId = "";

        public override void Begin(string organizationId, Foreseen foreseen, TimeSpan? patience = null)
        {
            _written.Clear();
            base.Begin(organizationId, foreseen, patience);
        }

        public override void Insert(object row)
        {
            base.Insert(row);
            if (row is ChangeRow change)
            {
                _organizationId = change.OrganizationId;
                _written.Add(LoggedChange.Of(change));
            }
        }

        public override void Commit()
        {
            if (store._bug == KnownBug.PublishBeforeCommit && _written.Count > 0)
            {
                store._signal.Raise(_organizationId, [.. _written]);
            }

            Interlocked.Exchange(ref store._beforeCommit, null)?.Invoke();
            if (Interlocked.Exchange(ref store._toLose, 0) == 1)
            {
                TryRollback();
                return;
            }

            base.Commit();
        }
    }
}
