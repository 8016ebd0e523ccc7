namespace TaskGrpc.TestKit;

/// <summary>A temporary folder, deleted on Dispose.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public string Path { get; } = Directory.CreateTempSubdirectory("taskgrpc-").FullName;

    public void Dispose()
    {
        // A server that was refused to start may still be writing its keys for a moment.
        if (!SpinWait.SpinUntil(TryDelete, Limit))
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    private bool TryDelete()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
