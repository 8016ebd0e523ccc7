using System.Net;
using Microsoft.Extensions.Options;
using Polly;
using TaskGrpc.Server.Resources.Deliveries;

namespace TaskGrpc.Server.Sending;

internal static class SendingServices
{
    private static readonly SemaphoreSlim Resolutions = new(256);

    public static IServiceCollection AddSending(this IServiceCollection services)
    {
        services.AddWebhooks();
        return services
            .AddSingleton<IAlertSender, WebhookSender>()
            .AddSingleton<IAlertSender, EmailSender>()
            .AddSingleton<IAlertSender, LedgerSender>()
            .AddSingleton<DeliveryMetrics>()
            .AddSingleton<DeliveryAttempts>()
            .AddHostedService<Dispatcher>();
    }

    /// <summary>Resolves on its own thread: the system's resolver blocks, and name servers must not block the thread pool.</summary>
    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        await Resolutions.WaitAsync(cancellationToken);
        return await Task.Factory.StartNew(() => Resolve(host), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default).WaitAsync(cancellationToken);
    }

    private static IPAddress[] Resolve(string host)
    {
        try
        {
            return Dns.GetHostAddresses(host);
        }
        finally
        {
            // Release only now, even if the caller no longer waits: the thread was in use until now.
            Resolutions.Release();
        }
    }

    private static void AddWebhooks(this IServiceCollection services)
    {
        services
            .AddSingleton<AddressGuard>()
            .AddSingleton<GuardedConnect>()
            .AddSingleton<ResolveHost>(ResolveAsync);
        var client = services.AddHttpClient(WebhookSender.Client, http =>
        {
            // The pipeline below ends an attempt; this timeout ignores the TimeProvider.
            http.Timeout = Timeout.InfiniteTimeSpan;
            http.DefaultRequestHeaders.UserAgent.ParseAdd("TaskGrpc");
        });
        // The loggers would write URLs, which may be confidential.
        client.RemoveAllLoggers();
        client.ConfigurePrimaryHttpMessageHandler(provider => new SocketsHttpHandler
        {
            ConnectCallback = provider.GetRequiredService<GuardedConnect>().ConnectAsync,
            AllowAutoRedirect = false,
            // A proxy would connect instead of us, without the guard.
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            // Otherwise it reads the rest of a response in the background.
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        });
        client.AddResilienceHandler("attempt", (pipeline, context) =>
        {
            pipeline.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
            // Retries are rows in the store, so that they outlive the process. This bounds only one attempt.
            pipeline.AddTimeout(context.ServiceProvider.GetRequiredService<IOptions<DeliveryOptions>>().Value.AttemptTimeout);
        });
        client.AddHttpMessageHandler(() => new BoundedAnswer());
    }
}
