using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TaskGrpc.Client;

/// <summary>Registers the client with dependency injection.</summary>
public static class TaskGrpcServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="TaskGrpcClient"/> for the whole application. A host checks the options at its start: with a missing or wrong one it
    /// throws an <see cref="OptionsValidationException"/> instead of starting.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options; <see cref="TaskGrpcClientOptions.Address"/> is required.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">There is one already. For several servers give each client a name.</exception>
    public static IServiceCollection AddTaskGrpcClient(this IServiceCollection services, Action<TaskGrpcClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        RefuseSecond(services, null);
        AddOptions(services, Options.DefaultName, configure);
        return services.AddSingleton(provider => Create(provider, Options.DefaultName));
    }

    /// <summary>
    /// Registers a <see cref="TaskGrpcClient"/> under a name, for an application that calls several servers, as a keyed service:
    /// <c>[FromKeyedServices("name")] TaskGrpcClient client</c>. A host checks the options at its start.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The key; also the name of the options.</param>
    /// <param name="configure">Sets the options; <see cref="TaskGrpcClientOptions.Address"/> is required.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">There is one of this name already.</exception>
    public static IServiceCollection AddTaskGrpcClient(this IServiceCollection services, string name, Action<TaskGrpcClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        RefuseSecond(services, name);
        AddOptions(services, name, configure);
        return services.AddKeyedSingleton(name, (provider, _) => Create(provider, name));
    }

    private static void RefuseSecond(IServiceCollection services, string? name)
    {
        if (services.Any(service => service.ServiceType == typeof(TaskGrpcClient) && Equals(service.ServiceKey, name)))
        {
            var which = name is null ? "A TaskGrpcClient is" : $"A TaskGrpcClient named '{name}' is";
            throw new InvalidOperationException($"{which} registered already. For several servers give each client a name of its own: AddTaskGrpcClient(\"name\", options => …).");
        }
    }

    private static void AddOptions(IServiceCollection services, string name, Action<TaskGrpcClientOptions> configure)
    {
        services.AddOptions<TaskGrpcClientOptions>(name)
            .Configure<IServiceProvider>((options, provider) => options.LoggerFactory = provider.GetService<ILoggerFactory>())
            .Configure(configure)
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TaskGrpcClientOptions>, TaskGrpcClientOptionsValidator>());
    }

    private static TaskGrpcClient Create(IServiceProvider provider, string name) => new(provider.GetRequiredService<IOptionsMonitor<TaskGrpcClientOptions>>().Get(name));
}
