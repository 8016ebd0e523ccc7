using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TaskGrpc.Client;

/// <summary>Registers the client with dependency injection.</summary>
public static class TaskGrpcServiceCollectionExtensions
{
    /// <summary>Registers one <see cref="TaskGrpcClient"/> for the whole application.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets the options; <see cref="TaskGrpcClientOptions.Address"/> is required.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IServiceCollection AddTaskGrpcClient(this IServiceCollection services, Action<TaskGrpcClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<TaskGrpcClientOptions>()
            .Configure<IServiceProvider>((options, provider) => options.LoggerFactory = provider.GetService<ILoggerFactory>())
            .Configure(configure);
        services.TryAddSingleton(provider => new TaskGrpcClient(provider.GetRequiredService<IOptions<TaskGrpcClientOptions>>().Value));
        return services;
    }
}
