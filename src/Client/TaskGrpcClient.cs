using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// A connection to TaskGrpc. Its methods are the calls of the contract under the contract's names; its properties are the generated stubs,
/// with every field of every request. Each mutation has a request_id, and the client retries a call while the server is unavailable, until
/// the call's deadline. Thread-safe; keep one client for as long as the program runs.
/// </summary>
/// <remarks>
/// Besides what its own documentation says, every asynchronous method throws a <see cref="TaskGrpcException"/> when the server refuses the
/// call or was not reached, an <see cref="OperationCanceledException"/> when it was cancelled or the client disposed meanwhile, and an
/// <see cref="ObjectDisposedException"/> when the client was disposed before. For tests, derive from this class or let a mocking library
/// do so: every member is virtual.
/// </remarks>
public partial class TaskGrpcClient : IDisposable
{
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What messages name as the server of a client without an address.</summary>
    private static readonly Uri Nearby = new("http://localhost");

    private readonly GrpcChannel? _channel;

    // Cancelled and never disposed: it has no timer, and a call that is under way may still link to its token.
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Makes a client. The first call connects.</summary>
    /// <param name="options">Where the server is, and how calls behave. They are copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="ValidationException">An option is missing or out of range; the message names each.</exception>
    public TaskGrpcClient(TaskGrpcClientOptions options)
        : this(options, address: null, own => GrpcChannel.ForAddress(own.Address!, ChannelOptions(own)))
    {
    }

    /// <summary>
    /// Makes a client over an invoker of your own. Calls have request ids, deadlines and retries, and watches resume, as over a
    /// connection. The client does not dispose the invoker.
    /// </summary>
    /// <param name="invoker">Carries the calls.</param>
    /// <param name="options">
    /// How calls behave. They are copied. <see cref="TaskGrpcClientOptions.Address"/> is optional: messages and activities name it as the
    /// server, by default http://localhost. The options of a connection have no effect: the handlers and
    /// <see cref="TaskGrpcClientOptions.MaxReceiveMessageSize"/>.
    /// </param>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    /// <exception cref="ValidationException">An option is out of range; the message names each.</exception>
    public TaskGrpcClient(CallInvoker invoker, TaskGrpcClientOptions options)
        : this(options, Nearby, _ => null, invoker ?? throw new ArgumentNullException(nameof(invoker)))
    {
    }

    /// <summary>
    /// Makes a client without a connection, for a class of a test that overrides members. The members that are not overridden call the
    /// others: a wait calls <see cref="WatchAsync"/>, a call such as CreateAsync its stub. The stubs are null until they are overridden.
    /// </summary>
    protected TaskGrpcClient()
    {
        State = new ClientState(new TaskGrpcClientOptions { Address = Nearby }, NullLogger.Instance, _closing.Token);
        (AgentTasks, BoardTasks, MonitorTasks, Deliveries) = (null!, null!, null!, null!);
        (SigningSecrets, FlowExecutions, TaskExecutions, Work) = (null!, null!, null!, null!);
        (Statistics, Changes) = (null!, null!);
    }

    private TaskGrpcClient(
        TaskGrpcClientOptions options, Uri? address, Func<TaskGrpcClientOptions, GrpcChannel?> connect, CallInvoker? inner = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var own = options.Copy();
        own.Address ??= address;
        OptionsRules.Check(new TaskGrpcClientOptionsValidator(), own);
        ILogger logger = own.LoggerFactory?.CreateLogger<TaskGrpcClient>() ?? NullLogger<TaskGrpcClient>.Instance;
        State = new ClientState(own, logger, _closing.Token);
        _channel = connect(own);
        var invoker = new TaskGrpcInvoker(inner ?? _channel!.CreateCallInvoker(), State);
        AgentTasks = new AgentTaskService.AgentTaskServiceClient(invoker);
        BoardTasks = new BoardTaskService.BoardTaskServiceClient(invoker);
        MonitorTasks = new MonitorTaskService.MonitorTaskServiceClient(invoker);
        Deliveries = new DeliveryService.DeliveryServiceClient(invoker);
        SigningSecrets = new SigningSecretService.SigningSecretServiceClient(invoker);
        FlowExecutions = new FlowExecutionService.FlowExecutionServiceClient(invoker);
        TaskExecutions = new TaskExecutionService.TaskExecutionServiceClient(invoker);
        Work = new WorkService.WorkServiceClient(invoker);
        Statistics = new StatisticsService.StatisticsServiceClient(invoker);
        Changes = new WatchService.WatchServiceClient(invoker);
    }

    /// <summary>What all calls of this client share.</summary>
    internal ClientState State { get; }

    /// <summary>Agent tasks: planning, approval, execution.</summary>
    public virtual AgentTaskService.AgentTaskServiceClient AgentTasks { get; }

    /// <summary>Board tasks: backlog to done, with subtasks and blockers.</summary>
    public virtual BoardTaskService.BoardTaskServiceClient BoardTasks { get; }

    /// <summary>Monitor tasks: lasting instructions whose triggers become deliveries.</summary>
    public virtual MonitorTaskService.MonitorTaskServiceClient MonitorTasks { get; }

    /// <summary>Deliveries: alerts on their way to a webhook, a mailbox, a channel or a workflow.</summary>
    public virtual DeliveryService.DeliveryServiceClient Deliveries { get; }

    /// <summary>The secrets with which the organization's webhooks are signed.</summary>
    public virtual SigningSecretService.SigningSecretServiceClient SigningSecrets { get; }

    /// <summary>Flow executions: runs of workflows.</summary>
    public virtual FlowExecutionService.FlowExecutionServiceClient FlowExecutions { get; }

    /// <summary>Task executions: attempts at the tasks of a flow execution.</summary>
    public virtual TaskExecutionService.TaskExecutionServiceClient TaskExecutions { get; }

    /// <summary>Work that is ready: claims, heartbeats, releases and requests to cancel.</summary>
    public virtual WorkService.WorkServiceClient Work { get; }

    /// <summary>Counts of resources, in groups.</summary>
    public virtual StatisticsService.StatisticsServiceClient Statistics { get; }

    /// <summary>
    /// The log of changes: ListChanges, and Watch as a bare stream, which ends with its connection. <see cref="WatchAsync"/> connects
    /// again.
    /// </summary>
    public virtual WatchService.WatchServiceClient Changes { get; }

    /// <summary>
    /// Closes the connection. Calls and watches that are under way end with an <see cref="OperationCanceledException"/>, later ones with
    /// an <see cref="ObjectDisposedException"/>.
    /// </summary>
    public virtual void Dispose()
    {
        _closing.Cancel();
        _channel?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The argument, which must not be null.</summary>
    private static T Given<T>(T argument, [CallerArgumentExpression(nameof(argument))] string? name = null) =>
        argument ?? throw new ArgumentNullException(name);

    private static GrpcChannelOptions ChannelOptions(TaskGrpcClientOptions options) => new()
    {
        HttpHandler = new SendOnceHandler(new MalformedDetailsHandler(options.HttpHandler ?? OwnHandler(options.ConfigureHandler))),
        DisposeHttpClient = options.HttpHandler is null,
        LoggerFactory = options.LoggerFactory is { } log ? new TransportLog(log) : null,
        MaxReceiveMessageSize = options.MaxReceiveMessageSize,
        // With the channel's defaults, 1 s to 2 min, calls would wait for a server that is back.
        InitialReconnectBackoff = options.InitialBackoff,
        MaxReconnectBackoff = options.MaxBackoff,
    };

    private static SocketsHttpHandler OwnHandler(Action<SocketsHttpHandler>? configure)
    {
        var handler = new SocketsHttpHandler
        {
            // Without pings a silent watch does not notice a dead server.
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            EnableMultipleHttp2Connections = true,
        };
        configure?.Invoke(handler);
        return handler;
    }
}
