namespace TaskGrpc.TestKit;

/// <summary>A temporary folder, deleted on Dispose.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("taskgrpc-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
