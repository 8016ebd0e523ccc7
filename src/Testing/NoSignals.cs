using Microsoft.Extensions.Hosting;

namespace TaskGrpc.Testing;

/// <summary>
/// Leaves signals to the test's process. The host's default lifetime would catch SIGINT and SIGTERM, and the process would not end.
/// </summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
