using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// A connection to TaskGrpc. The generated stubs are its properties, raw and complete; every call through them has a request_id,
/// is retried while the server is unavailable until its deadline, and fails with a <see cref="TaskGrpcException"/>, or with an
/// <see cref="OperationCanceledException"/> if it was cancelled. Thread-safe; keep one for as long as the program runs.
/// </summary>
public sealed partial class TaskGrpcClient : IDisposable
{
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What messages name as the server where calls go through an invoker that has no address.</summary>
    private static readonly Uri Nearby = new("http://localhost");

    private readonly GrpcChannel? _channel;
    private readonly ClientState _state;

    // Cancelled and never disposed: it has no timer, and a call that is under way may still link to its token.
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Makes a client; the connection itself is made by the first call.</summary>
    /// <param name="options">Where the server is, and how calls behave. They are copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ValidationException">An option is missing or out of range; the message names each.</exception>
    public TaskGrpcClient(TaskGrpcClientOptions options)
        : this(options, address: null, own => GrpcChannel.ForAddress(own.Address!, ChannelOptions(own)))
    {
    }

    /// <summary>
    /// Makes a client whose calls go through an invoker of the program's own, and behave as over a connection: with request ids, deadlines,
    /// retries and watches that resume. The client does not dispose the invoker.
    /// </summary>
    /// <param name="invoker">What carries the calls.</param>
    /// <param name="options">
    /// How calls behave. They are copied. <see cref="TaskGrpcClientOptions.Address"/> is optional: it is only what messages and activities
    /// name as the server, by default http://localhost. What concerns a connection has no effect: the handlers and
    /// <see cref="TaskGrpcClientOptions.MaxReceiveMessageSize"/>.
    /// </param>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    /// <exception cref="ValidationException">An option is out of range; the message names each.</exception>
    public TaskGrpcClient(CallInvoker invoker, TaskGrpcClientOptions options)
        : this(options, Nearby, _ => null, invoker ?? throw new ArgumentNullException(nameof(invoker)))
    {
    }

    private TaskGrpcClient(TaskGrpcClientOptions options, Uri? address, Func<TaskGrpcClientOptions, GrpcChannel?> connect, CallInvoker? inner = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var own = options.Copy();
        own.Address ??= address;
        OptionsRules.Check(new TaskGrpcClientOptionsValidator(), own);
        ILogger logger = own.LoggerFactory?.CreateLogger<TaskGrpcClient>() ?? NullLogger<TaskGrpcClient>.Instance;
        _state = new ClientState(own, logger, _closing.Token);
        _channel = connect(own);
        var invoker = new TaskGrpcInvoker(inner ?? _channel!.CreateCallInvoker(), _state);
        AgentTasks = new AgentTaskService.AgentTaskServiceClient(invoker);
        BoardTasks = new BoardTaskService.BoardTaskServiceClient(invoker);
        MonitorTasks = new MonitorTaskService.MonitorTaskServiceClient(invoker);
        Deliveries = new DeliveryService.DeliveryServiceClient(invoker);
        SigningSecrets = new SigningSecretService.SigningSecretServiceClient(invoker);
        FlowExecutions = new FlowExecutionService.FlowExecutionServiceClient(invoker);
        TaskExecutions = new TaskExecutionService.TaskExecutionServiceClient(invoker);
        Statistics = new StatisticsService.StatisticsServiceClient(invoker);
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

    /// <summary>Counts of resources, in groups.</summary>
    public StatisticsService.StatisticsServiceClient Statistics { get; }

    /// <summary>The log of changes: Watch as a bare stream, which ends with its connection, and ListChanges. <see cref="WatchAsync"/> outlasts connections.</summary>
    public WatchService.WatchServiceClient Changes { get; }

    /// <summary>
    /// Closes the connection. Calls and watches that are under way end with an <see cref="OperationCanceledException"/>, later ones with an
    /// <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        _closing.Cancel();
        _channel?.Dispose();
    }

    private static GrpcChannelOptions ChannelOptions(TaskGrpcClientOptions options) => new()
    {
        HttpHandler = new SendOnceHandler(new MalformedDetailsHandler(options.HttpHandler ?? OwnHandler(options.ConfigureHandler))),
        DisposeHttpClient = options.HttpHandler is null,
        LoggerFactory = options.LoggerFactory is { } log ? new TransportLog(log) : null,
        MaxReceiveMessageSize = options.MaxReceiveMessageSize,
        // The channel's own defaults, 1 s to 2 min, would keep everybody from a server that is back.
        InitialReconnectBackoff = options.InitialBackoff,
        MaxReconnectBackoff = options.MaxBackoff,
    };

    private static SocketsHttpHandler OwnHandler(Action<SocketsHttpHandler>? configure)
    {
        var handler = new SocketsHttpHandler
        {
            // A dead server is invisible to a silent watch without pings.
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            EnableMultipleHttp2Connections = true,
        };
        configure?.Invoke(handler);
        return handler;
    }
}
