namespace TaskGrpc.TestKit;

/// <summary>The cluster that the tests of one assembly share; the first test that needs it starts it.</summary>
/// <remarks>
/// A fixture of every test assembly (tests/Directory.Build.props), so that it ends with the tests: xunit kills a process ten seconds after
/// its last test, and deleting a cluster's thousands of files can take longer.
/// </remarks>
public sealed class SharedPostgres : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresCluster>> OfThisProcess = new(() => PostgresCluster.StartAsync());

    public static Task<PostgresCluster> ClusterAsync() => OfThisProcess.Value;

    public async ValueTask DisposeAsync()
    {
        // A start that failed has already failed or skipped the tests that need the cluster.
        if (OfThisProcess.IsValueCreated && OfThisProcess.Value.IsCompletedSuccessfully)
        {
            await (await OfThisProcess.Value).DisposeAsync();
        }
    }
}
