using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.V1;

namespace TaskGrpc.Testing;

/// <summary>
/// A real TaskGrpc server for one test or for many, in the test's process, with a database in a temporary folder of its own. Thread-safe.
/// </summary>
public sealed class TaskGrpcTestServer : IAsyncDisposable
{
    private readonly TaskGrpcTestServerOptions _options;
    private readonly CurrentInvoker _invoker = new();
    private readonly List<TaskGrpcClient> _clients = [];

    // Held during a restart and for the end. Never disposed: it has no handle, and a second DisposeAsync waits for it.
    private readonly SemaphoreSlim _gate = new(1);
    private RunningServer? _running;
    private int _port;
    private bool _isDisposed;

    private TaskGrpcTestServer(TaskGrpcTestServerOptions options)
    {
        _options = options;
        DataDirectory = Path.Combine(options.TemporaryDirectory!, $"taskgrpc-test-{Guid.NewGuid():N}");
    }

    /// <summary>
    /// A client of the caller that a server without an issuer takes for granted: user <c>anonymous</c> of the organization <c>default</c>.
    /// </summary>
    public TaskGrpcClient Client { get; private set; } = null!;

    /// <summary>The server's clock, to move it ahead.</summary>
    /// <exception cref="InvalidOperationException">The options gave the server another clock.</exception>
    public TestClock Clock => _options.TimeProvider as TestClock
        ?? throw new InvalidOperationException("The server runs on the TimeProvider of its options. Move that one.");

    /// <summary>Where a gRPC channel reaches the server; the same after a restart.</summary>
    /// <exception cref="InvalidOperationException">The server has no socket.</exception>
    public Uri Address => _port != 0
        ? new Uri($"http://127.0.0.1:{_port}")
        : throw new InvalidOperationException("The server has no socket. Start it with options.UseSocket = true to have an address.");

    /// <summary>
    /// Carries calls to the server without a network, for generated stubs and for a <see cref="TaskGrpcClient"/> with options of its
    /// own. It serves before and after a restart.
    /// </summary>
    public CallInvoker Invoker => _invoker;

    /// <summary>The temporary folder with the server's database and keys.</summary>
    public string DataDirectory { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="configure">Sets the options. Default: null, a server without a socket on a <see cref="TestClock"/>.</param>
    /// <param name="cancellationToken">Ends the start; nothing remains of the server.</param>
    /// <returns>The server. Dispose it to delete its data.</returns>
    /// <exception cref="InvalidOperationException">A setting is unknown or wrong; the message names it.</exception>
    /// <exception cref="OperationCanceledException">The start was cancelled.</exception>
    public static async Task<TaskGrpcTestServer> StartAsync(
        Action<TaskGrpcTestServerOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        var options = new TaskGrpcTestServerOptions();
        configure?.Invoke(options);
        cancellationToken.ThrowIfCancellationRequested();
        var server = new TaskGrpcTestServer(options.Copy());
        try
        {
            await server.RunAsync(cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            server.Client = server.CreateClient();
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Makes a client. Its calls stay in the process, on the server's clock; those of a server with a socket go over the network, on the
    /// system's clock. The server disposes it.
    /// </summary>
    /// <param name="organization">The organization whose resources the client reads and changes.</param>
    /// <param name="actor">The id of the actor that makes the changes.</param>
    /// <param name="actorType">The actor's type: user, agent or service.</param>
    /// <param name="configure">Sets further options of the client. Default: null, none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="actorType"/> is none of these.</exception>
    /// <exception cref="ObjectDisposedException">The server has been disposed.</exception>
    public TaskGrpcClient CreateClient(
        string organization = "default",
        string actor = "anonymous",
        ActorType actorType = ActorType.User,
        Action<TaskGrpcClientOptions>? configure = null)
    {
        var options = new TaskGrpcClientOptions
        {
            Metadata = new() { { "x-organization-id", organization }, { "x-actor-id", actor }, { "x-actor-type", NameOf(actorType) } },
            LoggerFactory = _options.LoggerFactory,
        };
        if (_options.UseSocket)
        {
            options.Address = Address;
        }
        else
        {
            options.TimeProvider = _options.TimeProvider!;
        }

        configure?.Invoke(options);
        var client = _options.UseSocket ? new TaskGrpcClient(options) : new TaskGrpcClient(_invoker, options);
        lock (_clients)
        {
            if (!_isDisposed)
            {
                _clients.Add(client);
                return client;
            }
        }

        client.Dispose();
        throw new ObjectDisposedException(nameof(TaskGrpcTestServer));
    }

    /// <summary>
    /// Stops the server and starts it on the same data, the same clock and the same address. Clients stay usable: a call meanwhile is
    /// retried, and a watch resumes.
    /// </summary>
    /// <param name="cancellationToken">Ends the start. The server then stays stopped; the next restart starts it.</param>
    /// <exception cref="InvalidOperationException">The server does not start; the message says why.</exception>
    /// <exception cref="ObjectDisposedException">The server has been disposed.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            await StopAsync().ConfigureAwait(false);
            await RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Stops the server, disposes its clients and deletes its data. A second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_isDisposed)
            {
                return;
            }

            lock (_clients)
            {
                _isDisposed = true;
            }

            _clients.ForEach(static client => client.Dispose());
            try
            {
                await StopAsync().ConfigureAwait(false);
            }
            finally
            {
                if (Directory.Exists(DataDirectory))
                {
                    Directory.Delete(DataDirectory, recursive: true);
                }
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        // The start opens the database without waiting anywhere: on the pool, two servers can start at the same time.
        _running = await Task.Run(
            () => CurrentInvoker.Invariant(() => RunningServer.StartAsync(DataDirectory, _options, _port, cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        (_port, _invoker.Server) = (_running.Port, _running.Invoker);
    }

    private async Task StopAsync()
    {
        _invoker.Server = null;
        if (_running is { } running)
        {
            _running = null;
            await running.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static string NameOf(ActorType type) => type switch
    {
        ActorType.User => "user",
        ActorType.Agent => "agent",
        ActorType.Service => "service",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "The actor type must be User, Agent or Service."),
    };
}
