namespace TaskGrpc.Server.Storage.Sqlite;

/// <summary>
/// Holds the database for this process, by a lock on a side file that the system releases with the process. Two servers on one
/// file would each believe that they own the revision counters.
/// </summary>
internal sealed class SqliteFileLock : IDisposable
{
    private readonly FileStream _file;

    private SqliteFileLock(FileStream file) => _file = file;

    /// <exception cref="RefusedToStartException">Another process holds the database.</exception>
    public static SqliteFileLock Take(string databasePath)
    {
        var path = databasePath + ".lock";
        try
        {
            return new SqliteFileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception)
        {
            throw new RefusedToStartException($"Another process serves the database {databasePath} (it holds {path}). Stop it, or give this server a database of its own with Storage:DataDirectory.", exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
