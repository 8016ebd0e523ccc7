using Grpc.AspNetCore.Server.Model;
using Grpc.Reflection;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Protocols.Grpc;
using TaskGrpc.Server.Protocols.Grpc.Reflection;
using TaskGrpc.Server.Protocols.InProcess;
using TaskGrpc.Server.Resources;
using TaskGrpc.Server.Resources.Changes;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Resources.SigningSecrets;
using TaskGrpc.Server.Resources.Statistics;
using TaskGrpc.Server.Resources.Work;
using TaskGrpc.Server.Sending;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Storage.Postgres;
using TaskGrpc.Server.Storage.Sqlite;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Hosting;

/// <summary>The table of contents: the server's services and endpoints.</summary>
internal static class TaskGrpcHosting
{
    private const string Ready = "ready";

    public static WebApplicationBuilder AddTaskGrpc(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services
            .AddSettings()
            .AddStorage()
            .AddLedger()
            .AddWatching()
            .AddResources()
            .AddSending()
            .AddTelemetry(builder.Configuration)
            .AddCalls(builder.Configuration)
            .AddLimits()
            .AddReflection();
        builder.AddTransport();
        builder.Services.KeepKeysOutOfStart();
        return builder;
    }

    public static WebApplication MapTaskGrpc(this WebApplication app)
    {
        // Refuse to start with a call that has no handler or no scope.
        _ = app.Services.GetRequiredService<CallTable>();
        // Refuse to start with an ambiguous table of callers.
        _ = app.Services.GetRequiredService<ICallers>();
        var gate = app.Services.GetRequiredService<CallGate>();
        app.Use(next => call => gate.PassAsync(call, next));
        app.MapGrpcService<GrpcCalls>();
        app.MapGrpcReflectionService();
        app.MapGrpcHealthChecksService();
        app.MapHealthChecks("/healthz", new() { Predicate = _ => false });
        app.MapHealthChecks("/readyz", new() { Predicate = check => check.Tags.Contains(Ready) });
        return app;
    }

    /// <summary>Binds all our sections; <see cref="KnownSettings"/> finds them here.</summary>
    private static IServiceCollection AddSettings(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<StorageOptions, SettingsValidator>().BindConfiguration(StorageOptions.Section);
        services.AddOptionsWithValidateOnStart<MetricOptions, SettingsValidator>().BindConfiguration(MetricOptions.Section);
        services.AddOptionsWithValidateOnStart<WatchOptions, SettingsValidator>().BindConfiguration(WatchOptions.Section);
        services.AddOptionsWithValidateOnStart<DeliveryOptions, SettingsValidator>().BindConfiguration(DeliveryOptions.Section);
        services.AddOptionsWithValidateOnStart<WorkOptions, SettingsValidator>().BindConfiguration(WorkOptions.Section);
        services.AddOptionsWithValidateOnStart<SmtpOptions, SettingsValidator>().BindConfiguration(SmtpOptions.Section);
        services.AddOptionsWithValidateOnStart<IdentityOptions, SettingsValidator>().BindConfiguration(IdentityOptions.Section);
        services.AddOptionsWithValidateOnStart<LimitOptions, SettingsValidator>().BindConfiguration(LimitOptions.Section)
            .Validate<IOptions<WatchOptions>>(LimitOptions.HasRoomBesideWatches, LimitOptions.NoRoomBesideWatches);
        return services;
    }

    private static IServiceCollection AddStorage(this IServiceCollection services) => services
        .AddSingleton<SqliteStore>()
        .AddSingleton<PostgresStore>()
        .AddSingleton<TaskStore>(provider =>
            provider.GetRequiredService<IOptions<StorageOptions>>().Value.Provider == StorageOptions.Postgres
            ? provider.GetRequiredService<PostgresStore>()
            : provider.GetRequiredService<SqliteStore>())
        .AddHostedService<StoreStartup>();

    private static IServiceCollection AddLedger(this IServiceCollection services) => services
        .AddSingleton<CommitSignal>()
        .AddSingleton<StoreOutages>()
        .AddSingleton<LedgerMetrics>()
        .AddSingleton<PageTokens>()
        .AddSingleton<ResourceReader>()
        .AddSingleton<ResourceKinds>()
        .AddSingleton<CommitLanes>().AddHostedService(provider => provider.GetRequiredService<CommitLanes>())
        .AddHostedService<RequestExpiry>()
        .AddHostedService<ResourceTotals>();

    private static IServiceCollection AddWatching(this IServiceCollection services) => services
        .AddSingleton<WatchMetrics>()
        .AddSingleton<OpenWatches>()
        .AddSingleton<ChangePages>()
        .AddSingleton<ChangeWaiter>()
        .AddSingleton<Watches>()
        .AddSingleton<Compactor>().AddHostedService(provider => provider.GetRequiredService<Compactor>())
        .AddSingleton<ChangeTail>().AddHostedService(provider => provider.GetRequiredService<ChangeTail>())
        .AddSingleton<HeadPoll>().AddHostedService(provider => provider.GetRequiredService<HeadPoll>())
        .AddHostedService<CommitHints>();

    private static IServiceCollection AddResources(this IServiceCollection services)
    {
        services.AddSecretProtection();
        return services
            .AddSingleton(OperatorCommand.Bodies)
            .AddKinds()
            .AddWork()
            .AddSingleton<SigningSecretVerbs>().AddSingleton<ICalls, SigningSecretCalls>()
            .AddSingleton<ICalls, StatisticsCalls>()
            .AddSingleton<ICalls, ChangeCalls>();
    }

    /// <summary>The store decides where the keys are: beside the SQLite file, or in the database that all replicas share.</summary>
    private static void AddSecretProtection(this IServiceCollection services)
    {
        // One pass over the data instead of the default's two. Keys with the default algorithm stay readable.
        var encryption = new AuthenticatedEncryptorConfiguration { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM };
        services.AddDataProtection().SetApplicationName("taskgrpc").UseCryptographicAlgorithms(encryption);
        services.AddOptions<KeyManagementOptions>()
            .Configure<TaskStore>((keys, store) => keys.XmlRepository = store.KeyRepository());
        services.AddSingleton<SecretProtection>().AddSingleton<WarmUp>()
            .AddHostedService(provider => provider.GetRequiredService<WarmUp>());
    }

    private static IServiceCollection AddCalls(this IServiceCollection services, IConfiguration configuration) => services
        .AddIdentity(configuration)
        .AddSingleton(provider => new CallTable(ServedContract.All, provider.GetServices<ICalls>()))
        .AddSingleton<Admission>()
        .AddSingleton<Refusals>()
        .AddSingleton<FaultMetrics>();

    /// <summary>
    /// Removes data protection's service that reads the keys during the start: <see cref="WarmUp"/> reads them afterwards. Its type is
    /// internal, so a separate collection finds it. Authentication adds it too, so this must run last.
    /// </summary>
    private static void KeepKeysOutOfStart(this IServiceCollection services)
    {
        var reading =
            new ServiceCollection().AddDataProtection().Services.Single(service => service.ServiceType == typeof(IHostedService));
        services.Remove(services.Single(service => service.ImplementationType == reading.ImplementationType));
    }

    /// <summary>Ours are added before AddGrpcReflection's, which would otherwise describe the mapped services alone.</summary>
    private static IServiceCollection AddReflection(this IServiceCollection services) => services
        .AddSingleton<ReflectionServiceImpl, ReflectionV1AlphaEndpoint>()
        .AddSingleton<ReflectionV1ServiceImpl, ReflectionV1Endpoint>()
        .AddGrpcReflection();

    private static void AddTransport(this WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc(options => options.Interceptors.Add<UnscopedCalls>());
        builder.Services.RemoveAll(typeof(IServiceMethodProvider<>));
        builder.Services.AddSingleton(
            typeof(IServiceMethodProvider<>), typeof(UnscopedBinding<>)).AddSingleton<IServiceMethodProvider<GrpcCalls>, GrpcBinding>();
        builder.Services.AddSingleton<GrpcCalls>().AddSingleton<UnscopedCalls>().AddSingleton<InProcessInvoker>();
        builder.Services.AddSingleton<ClientCertificates>();
        builder.Services.AddGrpcHealthChecks(options =>
        {
            foreach (var service in ServedContract.Services.Select(service => service.FullName).Prepend(""))
            {
                options.Services.Map(service, context => context.Tags.Contains(Ready));
            }
        }).AddCheck<StoreHealth>("store", tags: [Ready]);
        builder.Logging.AddFilter(RefusedConnections.KestrelCategory, LogLevel.Error);
        // The delivery records a silent endpoint, so Polly need not log it.
        builder.Logging.AddFilter("Polly", LogLevel.None);
        // The store logs its outage once if it cannot read the key ring; the framework would log each attempt with a stack trace.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.KeyRingProvider", LogLevel.None);
        // The check itself logs failures; the framework would log every planned shutdown as an error.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        // CreateSlimBuilder sets the formatter to 'simple' after it has read the configuration.
        builder.Services.PostConfigure<ConsoleLoggerOptions>(
            console => console.FormatterName = builder.Configuration.GetValue("Logging:Console:FormatterName", console.FormatterName));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(10));
        var isOpen = !builder.Configuration.KnowsCallers();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (isOpen)
            {
                kestrel.ConfigureEndpointDefaults(LoopbackOnly.Require);
            }

            kestrel.ConfigureHttpsDefaults(https => kestrel.ApplicationServices.GetRequiredService<ClientCertificates>().Configure(https));
        });
    }

    private static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.ConfigureOptions<TransportLimits>();
        services.AddHostedService<RefusedConnections>().AddSingleton<CallGate>();
        return services.AddSingleton<RequestRates>().AddSingleton<UnidentifiedStreams>().AddSingleton<LongestCall>();
    }
}
