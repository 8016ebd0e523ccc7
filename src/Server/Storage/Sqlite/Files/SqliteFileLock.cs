using TaskGrpc.Server.Storage.Keys;

namespace TaskGrpc.Server.Storage.Sqlite.Files;

/// <summary>
/// Holds the database for this process, by a lock on a side file that the system releases with the process. Two servers on one
/// file would each believe that they own the revision counters.
/// </summary>
internal sealed class SqliteFileLock : IDisposable
{
    /// <summary>EAGAIN on Linux, on macOS, and ERROR_SHARING_VIOLATION on Windows: the system's words for a lock that another process holds.</summary>
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
            throw new RefusedToStartException($"Another process serves the database {databasePath} (it holds {path}). Stop it, or give this server a database of its own with Storage:DataDirectory.", exception);
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
