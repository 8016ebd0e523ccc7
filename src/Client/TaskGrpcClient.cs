using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// A connection to TaskGrpc. The generated stubs are its properties, raw and complete; every call through them has a request_id,
/// is retried while the server is unavailable, and fails with a <see cref="TaskGrpcException"/>. Thread-safe; keep one for as long as
/// the program runs.
/// </summary>
public sealed partial class TaskGrpcClient : IDisposable
{
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    private readonly GrpcChannel _channel;
    private readonly TaskGrpcClientOptions _options;
    private readonly ILogger _logger;

    /// <summary>Makes a client; the connection itself is made by the first call.</summary>
    /// <param name="options">Where the server is, and how calls behave.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ValidationException">An option is missing or out of range.</exception>
    public TaskGrpcClient(TaskGrpcClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        _options = options;
        _logger = options.LoggerFactory?.CreateLogger<TaskGrpcClient>() ?? (ILogger)NullLogger.Instance;
        _channel = GrpcChannel.ForAddress(options.Address!, ChannelOptions(options));
        var invoker = _channel.CreateCallInvoker().Intercept(
            new TelemetryInterceptor(options.Address!),
            new ExceptionInterceptor(),
            new RequestIdInterceptor(options.TimeProvider),
            new DeadlineInterceptor(options.CallTimeout, options.TimeProvider),
            new MetadataInterceptor(options.Metadata));
        AgentTasks = new AgentTaskService.AgentTaskServiceClient(invoker);
        BoardTasks = new BoardTaskService.BoardTaskServiceClient(invoker);
        MonitorTasks = new MonitorTaskService.MonitorTaskServiceClient(invoker);
        Deliveries = new DeliveryService.DeliveryServiceClient(invoker);
        SigningSecrets = new SigningSecretService.SigningSecretServiceClient(invoker);
        FlowExecutions = new FlowExecutionService.FlowExecutionServiceClient(invoker);
        TaskExecutions = new TaskExecutionService.TaskExecutionServiceClient(invoker);
        Changes = new WatchService.WatchServiceClient(invoker);
    }

    /// <summary>Agent tasks: planning, approval, execution.</summary>
    public AgentTaskService.AgentTaskServiceClient AgentTasks { get; }

    /// <summary>Board tasks: backlog to done, with a graph of subtasks.</summary>
    public BoardTaskService.BoardTaskServiceClient BoardTasks { get; }

    /// <summary>Monitor tasks: standing instructions whose triggers become deliveries.</summary>
    public MonitorTaskService.MonitorTaskServiceClient MonitorTasks { get; }

    /// <summary>Deliveries: alerts on their way to a webhook, a mailbox, a channel or a workflow.</summary>
    public DeliveryService.DeliveryServiceClient Deliveries { get; }

    /// <summary>The secrets with which the organization's webhooks are signed.</summary>
    public SigningSecretService.SigningSecretServiceClient SigningSecrets { get; }

    /// <summary>Flow executions: runs of workflows.</summary>
    public FlowExecutionService.FlowExecutionServiceClient FlowExecutions { get; }

    /// <summary>Task executions: attempts at the tasks of a flow execution.</summary>
    public TaskExecutionService.TaskExecutionServiceClient TaskExecutions { get; }

    /// <summary>The log of changes: Watch as a bare stream, which ends with its connection, and ListChanges. <see cref="WatchAsync"/> outlasts connections.</summary>
    public WatchService.WatchServiceClient Changes { get; }

    /// <summary>Closes the connection; calls and watches that are under way end as cancelled.</summary>
    public void Dispose() => _channel.Dispose();

    private static GrpcChannelOptions ChannelOptions(TaskGrpcClientOptions options)
    {
        var channel = new GrpcChannelOptions
        {
            HttpHandler = new SendOnceHandler(new ClosedConnectionHandler(options.HttpHandler ?? new SocketsHttpHandler
            {
                // A dead server is invisible to a silent watch without pings.
                KeepAlivePingDelay = PingDelay,
                KeepAlivePingTimeout = PingTimeout,
                EnableMultipleHttp2Connections = true,
            })),
            DisposeHttpClient = options.HttpHandler is null,
            LoggerFactory = options.LoggerFactory,
            MaxReceiveMessageSize = options.MaxReceiveMessageSize,
            MaxRetryAttempts = options.MaxAttempts,
            // The channel's own defaults, 1 s to 2 min, would keep everybody from a server that is back.
            InitialReconnectBackoff = options.InitialBackoff,
            MaxReconnectBackoff = options.MaxBackoff,
            // The largest request is kept whole until it is answered, so that it can be sent again.
            MaxRetryBufferPerCallSize = 4 * 1024 * 1024,
            MaxRetryBufferSize = 64 * 1024 * 1024,
        };
        if (options.MaxAttempts > 1)
        {
            // A watch has a loop of its own.
            var watch = new MethodConfig { Names = { new MethodName { Service = WatchService.Descriptor.FullName, Method = "Watch" } } };
            channel.ServiceConfig = new ServiceConfig { MethodConfigs = { Retry(options), watch } };
        }

        if (options.AccessToken is { } accessToken)
        {
            AccessTokens.Use(channel, options.Address!, accessToken);
        }

        return channel;
    }

    private static MethodConfig Retry(TaskGrpcClientOptions options) => new()
    {
        Names = { MethodName.Default },
        RetryPolicy = new RetryPolicy
        {
            MaxAttempts = options.MaxAttempts,
            InitialBackoff = options.InitialBackoff,
            MaxBackoff = options.MaxBackoff,
            BackoffMultiplier = 2,
            RetryableStatusCodes = { StatusCode.Unavailable },
        },
    };
}
