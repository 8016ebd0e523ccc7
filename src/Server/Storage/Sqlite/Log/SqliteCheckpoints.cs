using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Sqlite.Log;

/// <summary>
/// Copies the write-ahead log into the database on a thread and a connection of its own, while commits go on. Left to SQLite, the commit
/// that fills a thousand pages would do it, and with data spread over many organizations that is every few commits: it made them half as
/// fast. A log that is never caught up with would grow for ever, so the writer does the last, short stretch itself: with nothing left
/// to copy the next commit begins the log anew.
/// </summary>
internal sealed class SqliteCheckpoints : IDisposable
{
    /// <summary>How many bytes of the log are worth a copy. With more, pages that are written again and again are copied less often, and commits wait longer for the disk while they are.</summary>
    private const int WorthCopying = 40 * 1024 * 1024;

    /// <summary>The log's length in bytes from which on it is to begin anew.</summary>
    private const int Long = 96 * 1024 * 1024;

    /// <summary>How many bytes the writer copies at most to get there, so that no commit waits long.</summary>
    private const int Short = 8 * 1024 * 1024;

    /// <summary>
    /// The log's length in bytes at which a commit waits until all of it is copied: commits come faster than the thread copies. The writer
    /// itself looks for it, because the thread may be in the middle of a copy, or wait for a processor, while commits go on.
    /// </summary>
    private const int TooLong = 192 * 1024 * 1024;

    /// <summary>How often the log's length is looked at while there are commits.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly SqliteStoreConnection _db;
    private readonly Query _look;
    private readonly Query _copy;
    private readonly SqliteStandingRead _standing;
    private readonly long _pageBytes;
    private readonly string _log;
    private readonly Lock _copying = new();
    private readonly AutoResetEvent _committed = new(false);
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Thread _thread;
    private volatile bool _isWritersTurn;
    private volatile SqliteException? _failure;

    /// <param name="db">A connection of its own.</param>
    /// <param name="standing">Moves on with each commit and each copy, and goes with this.</param>
    public SqliteCheckpoints(SqliteStoreConnection db, SqliteStandingRead standing)
    {
        _db = db;
        _standing = standing;
        _log = db.Connection.DataSource + "-wal";
        (_look, _copy) = (Look(db), Copy(db));
        using (var pageSize = new Query(db.Connection, "PRAGMA page_size"))
        {
            _pageBytes = (long)pageSize.Scalar()!;
        }

        _thread = new Thread(Run) { Name = "checkpoints", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Tells the log's length and how much of it has been copied, and copies nothing.</summary>
    public static Query Look(SqliteStoreConnection db) => new(db.Connection, "PRAGMA wal_checkpoint(NOOP)");

    /// <summary>Copies what no reader needs any more, without waiting for one.</summary>
    public static Query Copy(SqliteStoreConnection db) => new(db.Connection, "PRAGMA wal_checkpoint(PASSIVE)");

    /// <summary>Tells of a commit, and copies the last stretch where it is the writer's turn to.</summary>
    /// <param name="look"><see cref="Look(SqliteStoreConnection)"/> on the writer's connection.</param>
    /// <param name="copy"><see cref="Copy"/> on the writer's connection.</param>
    public void Committed(Query look, Query copy)
    {
        _committed.Set();
        // The file keeps its length when the log begins anew, so the file alone tells only that the log may be too long.
        if (_isWritersTurn || (new FileInfo(_log).Length >= TooLong && Ask(look).Length >= TooLong))
        {
            _isWritersTurn = false;
            // While the thread copies, SQLite refuses a second copy, and the log would go on growing.
            lock (_copying)
            {
                // It would keep what came after it from being copied, and the log from beginning anew.
                _standing.End();
                Guard(() => copy.Execute());
            }
        }

        _standing.Renew();
    }

    /// <exception cref="SqliteException">A copy failed in a way after which the disk cannot be trusted.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new SqliteException($"The write-ahead log could not be copied into the database: {failure.Message}", failure.SqliteErrorCode, failure.SqliteExtendedErrorCode);
        }
    }

    public void Dispose()
    {
        _stopping.Set();
        _committed.Set();
        _thread.Join();
        _look.Dispose();
        _copy.Dispose();
        _db.Dispose();
        _standing.Dispose();
        _committed.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        _standing.Renew();
        while (!_stopping.IsSet && _failure is null)
        {
            _committed.WaitOne();
            _stopping.Wait(Pause);
            Guard(CopyWhatIsWorthIt);
        }
    }

    private void Guard(Action copy)
    {
        try
        {
            copy();
        }
        catch (SqliteException exception)
        {
            // On a full disk, or while somebody else copies, the log just grows; commits say so themselves once they cannot.
            if (StorageFailures.Classify(exception) == StorageFailure.Broken)
            {
                _failure = exception;
            }
        }
    }

    private void CopyWhatIsWorthIt()
    {
        var (length, copied) = Ask(_look);
        if (length - copied >= WorthCopying)
        {
            lock (_copying)
            {
                (length, copied) = Ask(_copy);
                // What is copied whole is read under another lock.
                _standing.Renew();
            }
        }

        _isWritersTurn = length >= Long && length - copied <= Short;
    }

    /// <summary>The log's length and how much of it has been copied, in bytes.</summary>
    private (long Length, long Copied) Ask(Query question)
    {
        using var answer = question.Read();
        answer.Read();
        return (answer.GetInt64(1) * _pageBytes, answer.GetInt64(2) * _pageBytes);
    }
}
