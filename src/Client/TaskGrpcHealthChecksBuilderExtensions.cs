using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TaskGrpc.Client;

/// <summary>Registers a health check of the client.</summary>
public static class TaskGrpcHealthChecksBuilderExtensions
{
    /// <summary>How long a health check waits for the server unless it is registered with another time.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds a health check that calls the server through a registered <see cref="TaskGrpcClient"/>, with the client's own identity: it is
    /// healthy if the server answers and accepts that identity.
    /// </summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="clientName">The name of a client that is registered with a name. Null: the client without a name.</param>
    /// <param name="name">The name of the health check. Null: <c>taskgrpc</c>, for a named client <c>taskgrpc-</c> and its name.</param>
    /// <param name="failureStatus">What the check reports when the call fails. Null: unhealthy.</param>
    /// <param name="tags">Tags of the health check. Null: none.</param>
    /// <param name="timeout">How long to wait for the server, 1 ms to 24 days. Null: 5 s.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    public static IHealthChecksBuilder AddTaskGrpcClient(
        this IHealthChecksBuilder builder,
        string? clientName = null,
        string? name = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var limit = timeout ?? DefaultTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.FromMilliseconds(1), nameof(timeout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, DurationAttribute.Longest, nameof(timeout));
        return builder.Add(new HealthCheckRegistration(
            name ?? (clientName is null ? "taskgrpc" : $"taskgrpc-{clientName}"),
            provider => new TaskGrpcHealthCheck(
                clientName is null
                    ? provider.GetRequiredService<TaskGrpcClient>()
                    : provider.GetRequiredKeyedService<TaskGrpcClient>(clientName),
                limit),
            failureStatus,
            tags));
    }
}
