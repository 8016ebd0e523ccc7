namespace TaskGrpc.TestKit;

/// <summary>A folder of its own, gone when disposed.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("taskgrpc-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
