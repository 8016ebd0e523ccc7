using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace TaskGrpc.Load.Bare;

/// <summary>
/// The least work of a durable create: SQLite opened as the server opens it (write-ahead log, synchronous=FULL), one writer thread,
/// prepared statements, and nothing else.
/// </summary>
internal sealed class BareStore : IDisposable
{
    private const int MostInCommit = 256;
    private const int RowsInCommit = 64;

    private readonly Channel<(byte[] Body, TaskCompletionSource Done)> _queue = Channel.CreateUnbounded<(byte[], TaskCompletionSource)>();
    private readonly string _database;
    private readonly Lazy<Thread> _appender;
    private readonly ThreadLocal<BareRows> _rows;

    public BareStore(string database)
    {
        _database = database;
        _rows = new ThreadLocal<BareRows>(() => new BareRows(Open()));
        _appender = new Lazy<Thread>(() =>
        {
            var thread = new Thread(Append) { IsBackground = true };
            thread.Start();
            return thread;
        });
    }

    public Task AppendAsync(byte[] body)
    {
        _ = _appender.Value;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Writer.TryWrite((body, done));
        return done.Task;
    }

    public long CommitRows(TimeSpan duration)
    {
        var connection = Open();
        var rows = new BareRows(connection);
        var (clock, count, random) = (System.Diagnostics.Stopwatch.StartNew(), 0L, new Random());
        while (clock.Elapsed < duration)
        {
            using var transaction = connection.BeginTransaction();
            for (var i = 0; i < RowsInCommit; i++, count++)
            {
                rows.Create(Tasks.Stored(random), transaction);
            }

            transaction.Commit();
        }

        connection.Dispose();
        return count;
    }

    /// <summary>A page of 50 as the bytes of a ListAgentTasksResponse.</summary>
    public byte[] List(BareListRequest request) => _rows.Value!.List(request);

    public void Dispose() => _rows.Dispose();

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={_database}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -65536;";
        command.ExecuteNonQuery();
        return connection;
    }

    private void Append()
    {
        using var connection = Open();
        using var insert = connection.CreateCommand();
        insert.CommandText = "CREATE TABLE IF NOT EXISTS bare_log (sequence INTEGER PRIMARY KEY, body BLOB NOT NULL)";
        insert.ExecuteNonQuery();
        insert.CommandText = "INSERT INTO bare_log (body) VALUES (@body)";
        var body = insert.Parameters.Add("@body", SqliteType.Blob);
        var batch = new List<TaskCompletionSource>();
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            using (var transaction = connection.BeginTransaction())
            {
                insert.Transaction = transaction;
                while (batch.Count < MostInCommit && _queue.Reader.TryRead(out var item))
                {
                    body.Value = item.Body;
                    insert.ExecuteNonQuery();
                    batch.Add(item.Done);
                }

                transaction.Commit();
            }

            batch.ForEach(done => done.SetResult());
            batch.Clear();
        }
    }
}
