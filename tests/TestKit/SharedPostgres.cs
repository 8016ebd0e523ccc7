namespace TaskGrpc.TestKit;

/// <summary>The cluster that the tests of one assembly share, started when the first of them asks for it.</summary>
/// <remarks>A fixture of every test assembly (tests/Directory.Build.props), so that it ends with the tests: xunit ends a process that is still at work ten seconds after them, and a cluster's thousands of files can take longer to delete.</remarks>
public sealed class SharedPostgres : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresCluster>> OfThisProcess = new(() => PostgresCluster.StartAsync());

    public static Task<PostgresCluster> ClusterAsync() => OfThisProcess.Value;

    public async ValueTask DisposeAsync()
    {
        // One that did not start has failed or skipped the tests that wanted it.
        if (OfThisProcess.IsValueCreated && OfThisProcess.Value.IsCompletedSuccessfully)
        {
            await (await OfThisProcess.Value).DisposeAsync();
        }
    }
}
