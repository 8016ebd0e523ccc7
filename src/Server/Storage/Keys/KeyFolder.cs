namespace TaskGrpc.Server.Storage.Keys;

/// <summary>The folder of the keys that encrypt signing secrets and seal page tokens: readable to the server's user alone.</summary>
internal static class KeyFolder
{
    /// <summary>How many bytes at the end of a key's file tell whether it is whole.</summary>
    private const int Tail = 64;

    /// <param name="options">Where the operator may have named one.</param>
    /// <param name="besides">The folder in which it lies otherwise.</param>
    public static string Of(StorageOptions options, string besides) =>
        options.KeyDirectory is { Length: > 0 } chosen ? Path.GetFullPath(chosen) : Path.Combine(besides, "keys");

    /// <summary>
    /// Makes the folder, and looks whether its keys are whole, or the first one could be written. It parses no XML, which would be much of a start.
    /// </summary>
    /// <exception cref="RefusedToStartException">A key cannot be used.</exception>
    public static void Check(string path)
    {
        try
        {
            OwnFiles.Folder(path);
            var isEmpty = true;
            foreach (var file in Directory.EnumerateFiles(path, KeyFiles.Pattern))
            {
                isEmpty = false;
                CheckFile(file);
            }

            if (isEmpty)
            {
                var probe = Path.Combine(path, $"{Guid.NewGuid()}.tmp");
                OwnFiles.Open(probe, FileMode.CreateNew).Dispose();
                File.Delete(probe);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new RefusedToStartException(
                $"The keys in {path} cannot be used ({failure.Message}). "
                + "Let the server's user read and write this folder and its files, or name another with Storage:KeyDirectory.",
                failure);
        }
    }

    private static void CheckFile(string file)
    {
        using var handle = File.OpenHandle(file);
        Span<byte> tail = stackalloc byte[Tail];
        var length = RandomAccess.Read(handle, tail, Math.Max(0, RandomAccess.GetLength(handle) - Tail));
        var text = System.Text.Encoding.UTF8.GetString(tail[..length]).AsSpan().TrimEnd();
        if (!text.EndsWith("</key>") && !text.EndsWith("</revocation>"))
        {
            throw Damaged(file);
        }
    }

    public static RefusedToStartException Damaged(string file, Exception? inner = null) => new(
        $"The key {file} is empty or damaged. Put it back from your copy of the folder: the signing secrets that it encrypts cannot be read "
        + "without it. If there is no copy, move the file away: the server makes a new key, and those secrets must be created again.",
        inner);
}
