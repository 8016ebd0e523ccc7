namespace TaskGrpc.Server.Tests;

/// <summary>Where the sources are, from wherever the tests run.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "TaskGrpc.sln")) ? folder : FindRoot(Path.GetDirectoryName(folder)!);
}
