using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// Whether this application can call the server. It lists one agent task instead of calling grpc.health.v1: that one needs no token, so it
/// would report healthy for an application whose every call is UNAUTHENTICATED. The list reads one row, and passes identity and storage.
/// </summary>
internal sealed class TaskGrpcHealthCheck(TaskGrpcClient client, TimeSpan timeout) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var deadline = client.State.Options.TimeProvider.GetUtcNow().UtcDateTime + timeout;
            var request = new ListAgentTasksRequest { PageSize = 1 };
            await client.AgentTasks.ListAgentTasksAsync(request, deadline: deadline, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (TaskGrpcException refusal) when (refusal.Reason == ErrorReason.ScopeMissing)
        {
            // The server is up and accepts the token. The token has no scope for lists, which this application may not need.
            return HealthCheckResult.Healthy();
        }
        catch (RpcException failure)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, failure.Message, failure);
        }
    }
}
