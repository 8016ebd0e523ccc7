using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TaskGrpc.Client;

/// <summary>
/// Registers the client with dependency injection. The options are ordinary named options, so <c>services.Configure</c> adds to them, for
/// example an access token to an address from configuration. A host checks them when it starts, and throws an
/// <see cref="OptionsValidationException"/> for a missing or wrong one.
/// </summary>
public static class TaskGrpcServiceCollectionExtensions
{
    /// <summary>Registers one <see cref="TaskGrpcClient"/> for the whole application.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options; <see cref="TaskGrpcClientOptions.Address"/> is required.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">A client without a name is registered already.</exception>
    public static IServiceCollection AddTaskGrpcClient(this IServiceCollection services, Action<TaskGrpcClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, name: null, (_, options) => configure(options));
    }

    /// <summary>Registers one <see cref="TaskGrpcClient"/>, whose options may come from other services.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options, with the application's services at hand, when the client is first needed.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">A client without a name is registered already.</exception>
    public static IServiceCollection AddTaskGrpcClient(
        this IServiceCollection services, Action<IServiceProvider, TaskGrpcClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, name: null, configure);
    }

    /// <summary>Registers one <see cref="TaskGrpcClient"/> with the options of a section of the configuration.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="section">
    /// The section. Its keys are the names of the options that are text, numbers or times, and <c>Metadata</c> with one key for each
    /// entry. An unknown key or a value of the wrong form throws an <see cref="InvalidOperationException"/> when the host starts. The
    /// client does not notice later changes of the configuration.
    /// </param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">A client without a name is registered already.</exception>
    public static IServiceCollection AddTaskGrpcClient(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, name: null, (_, options) => ConfiguredOptions.Apply(section, options));
    }

    /// <summary>
    /// Registers a <see cref="TaskGrpcClient"/> under a name, for an application that calls several servers, as a keyed service:
    /// <c>[FromKeyedServices("name")] TaskGrpcClient client</c>.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The key; also the name of the options.</param>
    /// <param name="configure">Sets the options; <see cref="TaskGrpcClientOptions.Address"/> is required.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">A client of this name is registered already.</exception>
    public static IServiceCollection AddTaskGrpcClient(
        this IServiceCollection services, string name, Action<TaskGrpcClientOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, name, (_, options) => configure(options));
    }

    /// <summary>Registers a <see cref="TaskGrpcClient"/> under a name, whose options may come from other services.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The key; also the name of the options.</param>
    /// <param name="configure">Sets the options, with the application's services at hand, when the client is first needed.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">A client of this name is registered already.</exception>
    public static IServiceCollection AddTaskGrpcClient(
        this IServiceCollection services, string name, Action<IServiceProvider, TaskGrpcClientOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, name, configure);
    }

    /// <summary>Registers a <see cref="TaskGrpcClient"/> under a name, with the options of a section of the configuration.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The key; also the name of the options.</param>
    /// <param name="section">The section, with keys as in <see cref="AddTaskGrpcClient(IServiceCollection, IConfiguration)"/>.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">A client of this name is registered already.</exception>
    public static IServiceCollection AddTaskGrpcClient(this IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, name, (_, options) => ConfiguredOptions.Apply(section, options));
    }

    private static IServiceCollection Add(
        IServiceCollection services, string? name, Action<IServiceProvider, TaskGrpcClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(TaskGrpcClient) && Equals(service.ServiceKey, name)))
        {
            var which = name is null ? "A TaskGrpcClient is" : $"A TaskGrpcClient named '{name}' is";
            throw new InvalidOperationException(
                $"{which} registered already. For several servers give each client a name of its own: "
                + "AddTaskGrpcClient(\"name\", options => …).");
        }

        services.AddOptions<TaskGrpcClientOptions>(name ?? Options.DefaultName)
            .Configure<IServiceProvider>((options, provider) =>
            {
                options.LoggerFactory = provider.GetService<ILoggerFactory>();
                configure(provider, options);
            })
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TaskGrpcClientOptions>, TaskGrpcClientOptionsValidator>());
        return name is null
            ? services.AddSingleton(provider => Create(provider, Options.DefaultName))
            : services.AddKeyedSingleton(name, (provider, _) => Create(provider, name));
    }

    private static TaskGrpcClient Create(IServiceProvider provider, string name) =>
        new(provider.GetRequiredService<IOptionsMonitor<TaskGrpcClientOptions>>().Get(name));
}
