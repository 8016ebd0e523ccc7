namespace TaskGrpc.TestKit;

/// <summary>The folder of the sources, from any working directory.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The files of a folder and its sub-folders, without build output.</summary>
    public static IEnumerable<string> Files(string pattern, string folder = "") => Directory
        .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
        .Where(file =>
            !Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "artifacts" or "node_modules"));

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "TaskGrpc.sln")) ? folder : FindRoot(Path.GetDirectoryName(folder)!);
}
