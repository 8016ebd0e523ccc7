namespace TaskGrpc.Server.Storage;

/// <summary>The folder of the keys that encrypt signing secrets and seal page tokens: readable to the server's user alone.</summary>
internal static class KeyFolder
{
    /// <param name="options">Where the operator may have named one.</param>
    /// <param name="besides">The folder in which it lies otherwise.</param>
    public static DirectoryInfo Of(StorageOptions options, string besides)
    {
        var path = options.KeyDirectory is { Length: > 0 } chosen ? chosen : Path.Combine(besides, "keys");
        return OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
