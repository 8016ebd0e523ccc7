using Microsoft.Data.Sqlite;
using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Sqlite.Log;

/// <summary>
/// Checkpoints the WAL on its own thread and connection, while commits go on. SQLite by itself checkpoints in the commit that fills a
/// thousand pages. With data spread over many organizations that is every few commits, and it made them half as fast. The thread alone
/// never reaches the end of the WAL, which would grow for ever. So the writer copies the last, short part itself: with nothing left to
/// copy, the next commit starts the WAL over.
/// </summary>
internal sealed class SqliteCheckpoints : IDisposable
{
    /// <summary>How many uncopied bytes start a checkpoint. With more, hot pages are copied less often, but commits wait longer.</summary>
    private const int WorthCopying = 40 * 1024 * 1024;

    /// <summary>The length of the WAL in bytes from which it should start over.</summary>
    private const int Long = 96 * 1024 * 1024;

    /// <summary>How many bytes the writer copies at most to make it start over, so that no commit waits long.</summary>
    private const int Short = 8 * 1024 * 1024;

    /// <summary>
    /// The length of the WAL in bytes at which a commit waits for a complete copy, because commits are faster than the thread. The writer
    /// checks it itself: the thread may be copying, or waiting for a processor.
    /// </summary>
    private const int TooLong = 192 * 1024 * 1024;

    /// <summary>The pause between two checks of the WAL's length while there are commits.</summary>
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

    /// <param name="db">A connection for the thread alone.</param>
    /// <param name="standing">Renewed after each commit and each copy, and disposed of with this object.</param>
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

    /// <summary>Returns the WAL's length and how much of it is copied. Copies nothing.</summary>
    public static Query Look(SqliteStoreConnection db) => db.Prepare("PRAGMA wal_checkpoint(NOOP)");

    /// <summary>Copies as much as it can without waiting for a reader.</summary>
    public static Query Copy(SqliteStoreConnection db) => db.Prepare("PRAGMA wal_checkpoint(PASSIVE)");

    /// <summary>Reports a commit, and copies the last part of the WAL if it is the writer's turn.</summary>
    /// <param name="look"><see cref="Look(SqliteStoreConnection)"/> on the writer's connection.</param>
    /// <param name="copy"><see cref="Copy"/> on the writer's connection.</param>
    public void Committed(Query look, Query copy)
    {
        _committed.Set();
        // The file keeps its length when the WAL starts over, so a long file only means that the WAL may be too long.
        if (_isWritersTurn || (new FileInfo(_log).Length >= TooLong && Ask(look).Length >= TooLong))
        {
            _isWritersTurn = false;
            // SQLite refuses a second checkpoint while the thread copies, and the WAL would go on growing.
            lock (_copying)
            {
                // The standing read would keep later pages from being copied, and the WAL from starting over.
                _standing.End();
                Guard(() => copy.Execute());
            }
        }

        _standing.Renew();
    }

    /// <exception cref="SqliteException">A copy failed, so that the disk can no longer be trusted.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new SqliteException($"The write-ahead log could not be copied into the database: {failure.Message}",
                failure.SqliteErrorCode, failure.SqliteExtendedErrorCode);
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
            // On a full disk, or during another checkpoint, the WAL just grows. Commits report the error once they fail themselves.
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
                // Reads of a fully copied WAL take another lock, so the standing read must move to that one.
                _standing.Renew();
            }
        }

        _isWritersTurn = length >= Long && length - copied <= Short;
    }

    /// <summary>The WAL's length and how much of it is copied, in bytes.</summary>
    private (long Length, long Copied) Ask(Query question)
    {
        using var answer = question.Read();
        answer.Read();
        return (answer.GetInt64(1) * _pageBytes, answer.GetInt64(2) * _pageBytes);
    }
}
