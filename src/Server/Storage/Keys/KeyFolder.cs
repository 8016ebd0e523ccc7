namespace TaskGrpc.Server.Storage.Keys;

/// <summary>The folder of the keys that encrypt signing secrets and seal page tokens. Only the server's user can read it.</summary>
internal static class KeyFolder
{
    /// <summary>How many bytes at the end of a key file show whether it is complete.</summary>
    private const int Tail = 64;

    /// <param name="options">The options, which may name the folder.</param>
    /// <param name="besides">The folder that holds it otherwise.</param>
    public static string Of(StorageOptions options, string besides) =>
        options.KeyDirectory is { Length: > 0 } chosen ? Path.GetFullPath(chosen) : Path.Combine(besides, "keys");

    /// <summary>Checks that the folder's keys are complete or that one can be written. Parsing their XML would slow the start.</summary>
    /// <exception cref="RefusedToStartException">The server cannot read or write a key.</exception>
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
                + "Let the server's user read and write this folder and its files, or set Storage:KeyDirectory to another folder.",
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
        $"The key {file} is empty or damaged. Restore it from your copy of the folder: without it the server cannot read "
        + "the signing secrets that it encrypts. If there is no copy, move the file away: "
        + "the server makes a new key, and you create those secrets again.",
        inner);
}
