using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// Registers workers that run with the application's host: they begin with it, and stop as it stops. Each call registers one worker, of
/// the same kind or another. The host checks the options when it starts.
/// </summary>
public static class TaskGrpcWorkerServiceCollectionExtensions
{
    /// <summary>Registers a worker whose handler returns a result.</summary>
    /// <typeparam name="T"><see cref="AgentTask"/>, <see cref="BoardTask"/> or <see cref="TaskExecution"/>.</typeparam>
    /// <param name="services">The application's services, with a <see cref="TaskGrpcClient"/>.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="handler">Does one piece of work.</param>
    /// <param name="clientName">The name of the client that carries the calls. Null: the client without a name.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddTaskGrpcWorker<T>(
        this IServiceCollection services,
        Action<TaskGrpcWorkerOptions> configure,
        Func<TaskGrpcWork<T>, CancellationToken, Task<Value?>> handler,
        string? clientName = null)
        where T : class, IClaimable
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(services, configure, _ => handler, clientName);
    }

    /// <summary>Registers a worker whose handler returns no result.</summary>
    /// <typeparam name="T"><see cref="AgentTask"/>, <see cref="BoardTask"/> or <see cref="TaskExecution"/>.</typeparam>
    /// <param name="services">The application's services, with a <see cref="TaskGrpcClient"/>.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="handler">Does one piece of work.</param>
    /// <param name="clientName">The name of the client that carries the calls. Null: the client without a name.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddTaskGrpcWorker<T>(
        this IServiceCollection services,
        Action<TaskGrpcWorkerOptions> configure,
        Func<TaskGrpcWork<T>, CancellationToken, Task> handler,
        string? clientName = null)
        where T : class, IClaimable
    {
        var own = TaskGrpcWorker<T>.WithoutResult(handler);
        return Add(services, configure, _ => own, clientName);
    }

    /// <summary>
    /// Registers a worker whose handler is a class with services of its own: the worker makes one in a scope of its own for each piece of
    /// work.
    /// </summary>
    /// <typeparam name="T"><see cref="AgentTask"/>, <see cref="BoardTask"/> or <see cref="TaskExecution"/>.</typeparam>
    /// <typeparam name="THandler">The handler.</typeparam>
    /// <param name="services">The application's services, with a <see cref="TaskGrpcClient"/>.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="clientName">The name of the client that carries the calls. Null: the client without a name.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddTaskGrpcWorker<
        T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this IServiceCollection services, Action<TaskGrpcWorkerOptions> configure, string? clientName = null)
        where T : class, IClaimable
        where THandler : class, ITaskGrpcWorkHandler<T>
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddScoped<THandler>();
        return Add<T>(services, configure, provider => async (work, cancellationToken) =>
        {
            var scope = provider.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
            {
                var handler = scope.ServiceProvider.GetRequiredService<THandler>();
                return await handler.HandleAsync(work, cancellationToken).ConfigureAwait(false);
            }
        }, clientName);
    }

    private static IServiceCollection Add<T>(
        IServiceCollection services,
        Action<TaskGrpcWorkerOptions> configure,
        Func<IServiceProvider, Func<TaskGrpcWork<T>, CancellationToken, Task<Value?>>> handler,
        string? clientName)
        where T : class, IClaimable
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        _ = WorkKind<T>.Instance;

        // Each worker has options of its own, and several workers may be of one kind.
        var name = $"{typeof(T).Name} {Guid.NewGuid()}";
        services.AddOptions<TaskGrpcWorkerOptions>(name).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TaskGrpcWorkerOptions>, TaskGrpcWorkerOptionsValidator>());
        return services.AddSingleton<IHostedService>(provider => new WorkerService<T>(new TaskGrpcWorker<T>(
            provider.GetRequiredKeyedService<TaskGrpcClient>(clientName),
            provider.GetRequiredService<IOptionsMonitor<TaskGrpcWorkerOptions>>().Get(name),
            handler(provider))));
    }
}
