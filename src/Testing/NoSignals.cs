using Microsoft.Extensions.Hosting;

namespace TaskGrpc.Testing;

/// <summary>Leaves signals to the test's process. The host's own lifetime would take SIGINT and SIGTERM, and the process would go on.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
