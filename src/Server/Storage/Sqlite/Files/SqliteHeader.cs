using System.Buffers.Binary;

namespace TaskGrpc.Server.Storage.Sqlite.Files;

/// <summary>Checks a database file before SQLite applies any log that lies beside it (sqlite.org, fileformat2, §1.3).</summary>
internal static class SqliteHeader
{
    private const int Length = 100;
    private const int PageSize = 16;
    private const int WriteVersion = 18;
    private const int ChangeCounter = 24;
    private const int PageCount = 28;
    private const int CountValidFor = 92;

    /// <summary>The version of a file that is not in WAL mode, such as a backup that no server has opened.</summary>
    private const byte Rollback = 1;

    /// <exception cref="RefusedToStartException">The file is not a database, is not complete, or has the log of another database beside
    /// it.</exception>
    public static void Check(string path)
    {
        // Opened for writing, so that a read-only file fails now.
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var log = new FileInfo(SqliteFiles.Log(path)) is { Exists: true } found ? found.Length : 0;
        Span<byte> header = stackalloc byte[Length];
        var size = RandomAccess.GetLength(file);
        var read = RandomAccess.Read(file, header, 0);
        if (size == 0 && log == 0)
        {
            return;
        }

        if (read < Length || !header.StartsWith("SQLite format 3\0"u8))
        {
            throw new RefusedToStartException($"{path} is not an SQLite database, or is damaged. {SqliteFiles.Mend}");
        }

        if (header[WriteVersion] == Rollback && log > 0)
        {
            throw new RefusedToStartException(
                $"{path} has the log of another database beside it, {SqliteFiles.Log(path)}. "
                + $"SQLite would apply that log to {path} and damage it. "
                + $"Nothing was changed. Use 'restore FILE', or move {SqliteFiles.Log(path)} and {SqliteFiles.Index(path)} away, then "
                    + "start again.");
        }

        // While there is a log, some pages may be only in the log.
        if (log == 0 && Number(header, ChangeCounter) == Number(header, CountValidFor)
            && size < Number(header, PageCount) * BytesOfPage(header))
        {
            throw new RefusedToStartException($"{path} is shorter than its header says: it was truncated. {SqliteFiles.Mend}");
        }
    }

    private static long Number(ReadOnlySpan<byte> header, int offset) => BinaryPrimitives.ReadUInt32BigEndian(header[offset..]);

    private static long BytesOfPage(ReadOnlySpan<byte> header) =>
        BinaryPrimitives.ReadUInt16BigEndian(header[PageSize..]) is var size and not 1 ? size : 65536;
}
