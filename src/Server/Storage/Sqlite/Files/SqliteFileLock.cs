using TaskGrpc.Server.Storage.Keys;

namespace TaskGrpc.Server.Storage.Sqlite.Files;

/// <summary>
/// Locks the database for this process, by a side file that the system unlocks when the process ends. Two servers on one file would each
/// take the same revisions.
/// </summary>
internal sealed class SqliteFileLock : IDisposable
{
    /// <summary>The errors of a lock that another process holds: EAGAIN on Linux and macOS, ERROR_SHARING_VIOLATION on Windows.</summary>
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private SqliteFileLock(FileStream file) => _file = file;

    /// <exception cref="RefusedToStartException">Another process holds the database, or the lock's file cannot be opened.</exception>
    public static SqliteFileLock Take(string databasePath)
    {
        var path = databasePath + ".lock";
        try
        {
            return new SqliteFileLock(OwnFiles.Open(path, FileMode.OpenOrCreate));
        }
        catch (IOException exception) when (Held.Contains(exception.HResult))
        {
            throw new RefusedToStartException(
                $"Another process serves the database {databasePath} (it holds {path}). Stop it, or give this server a database of its "
                + "own with Storage:DataDirectory.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RefusedToStartException(
                $"The lock {path} cannot be opened ({exception.Message}). "
                + "Let the server's user write to it and its folder, or name another folder with Storage:DataDirectory.",
                exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
