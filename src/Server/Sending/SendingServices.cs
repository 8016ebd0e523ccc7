using System.Net;
using Microsoft.Extensions.Options;
using Polly;
using TaskGrpc.Server.Resources.Deliveries;

namespace TaskGrpc.Server.Sending;

/// <summary>What the sender room is made of.</summary>
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

    /// <summary>On a thread of its own: the system's resolver blocks, and silent name servers must not hold the threads that answer calls.</summary>
    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        await Resolutions.WaitAsync(cancellationToken);
        return await Task.Factory.StartNew(() => Resolve(host), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(cancellationToken);
    }

    private static IPAddress[] Resolve(string host)
    {
        try
        {
            return Dns.GetHostAddresses(host);
        }
        finally
        {
            // Only now, even if nobody waits any more: the thread was there until now.
            Resolutions.Release();
        }
    }

    private static void AddWebhooks(this IServiceCollection services)
    {
        services
            .AddSingleton<AddressGuard>()
            .AddSingleton<GuardedConnect>()
            .AddSingleton<SigningKeys>()
            .AddSingleton<ResolveHost>(ResolveAsync);
        var client = services.AddHttpClient(WebhookSender.Client, http =>
        {
            // The pipeline below ends an attempt; this one would end it by the machine's own clock.
            http.Timeout = Timeout.InfiniteTimeSpan;
            http.DefaultRequestHeaders.UserAgent.ParseAdd("TaskGrpc");
        });
        // What is sent may be nobody else's business.
        client.RemoveAllLoggers();
        client.ConfigurePrimaryHttpMessageHandler(provider => new SocketsHttpHandler
        {
            ConnectCallback = provider.GetRequiredService<GuardedConnect>().ConnectAsync,
            AllowAutoRedirect = false,
            // A proxy would connect in our place, and past the guard.
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            // Else it would read on behind our back what we leave unread.
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        });
        client.AddResilienceHandler("attempt", (pipeline, context) =>
        {
            pipeline.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
            // Retries are rows in the store, so that they outlive the process. Here only the attempt's own time is kept.
            pipeline.AddTimeout(context.ServiceProvider.GetRequiredService<IOptions<DeliveryOptions>>().Value.AttemptTimeout);
        });
        client.AddHttpMessageHandler(() => new BoundedAnswer());
    }
}
