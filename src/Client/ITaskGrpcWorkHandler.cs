using Google.Protobuf.WellKnownTypes;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>Does the work of a worker that dependency injection runs. The worker makes one in a scope of its own for each piece.</summary>
/// <typeparam name="T"><see cref="AgentTask"/>, <see cref="BoardTask"/> or <see cref="TaskExecution"/>.</typeparam>
public interface ITaskGrpcWorkHandler<T>
    where T : class, IClaimable
{
    /// <summary>Does one piece of work. Its return completes the work, and its exception fails it.</summary>
    /// <param name="work">The work and what its handler can do with it.</param>
    /// <param name="cancellationToken">
    /// Cancelled when somebody requests the cancel of the work, when the lease is lost, and when the worker can wait no longer for its
    /// end.
    /// </param>
    /// <returns>The result of an agent task, or the output of a task execution; null for none.</returns>
    Task<Value?> HandleAsync(TaskGrpcWork<T> work, CancellationToken cancellationToken);
}
