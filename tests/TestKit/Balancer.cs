using System.Net;
using System.Net.Sockets;

namespace TaskGrpc.TestKit;

/// <summary>A TCP load balancer: each connection goes to the next target that accepts; tests can hold up or cut connections.</summary>
public sealed class Balancer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _open = [];
    private readonly Task _accepting;
    private volatile int[] _ports;
    private TaskCompletionSource _passable = Passable();
    private int _next;

    public Balancer(params int[] ports)
    {
        _ports = ports;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>Sends new connections to other targets, and cuts the open ones.</summary>
    public void MoveTo(params int[] ports)
    {
        _ports = ports;
        Cut();
    }

    /// <summary>Cuts all open connections.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (var socket in _open)
            {
                socket.Close(0);
            }

            _open.Clear();
        }
    }

    /// <summary>Drops all bytes in both directions without closing a connection, and does not answer new connections.</summary>
    public void HoldUp() =>
        Interlocked.Exchange(ref _passable, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Forwards again.</summary>
    public void LetGo() => _passable.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private static TaskCompletionSource Passable()
    {
        var passable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        passable.SetResult();
        return passable;
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(CarryAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task CarryAsync(Socket client)
    {
        Socket? server = null;
        try
        {
            await _passable.Task.WaitAsync(_stop.Token);
            server = await ConnectAsync();
            lock (_gate)
            {
                _open.Add(client);
                _open.Add(server);
            }

            client.NoDelay = server.NoDelay = true;
            await Task.WhenAll(PumpAsync(client, server), PumpAsync(server, client));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The target refuses connections, or the test is over.
        }

        lock (_gate)
        {
            _open.Remove(client);
            if (server is not null)
            {
                _open.Remove(server);
            }
        }

        client.Dispose();
        server?.Dispose();
    }

    private async Task<Socket> ConnectAsync()
    {
        var ports = _ports;
        for (var tries = 0; ; tries++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, ports[(uint)Interlocked.Increment(ref _next) % ports.Length], _stop.Token);
                return socket;
            }
            catch (SocketException) when (tries < ports.Length)
            {
                socket.Dispose();
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is var read and > 0)
            {
                await _passable.Task.WaitAsync(_stop.Token);
                await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
            }

            // One direction has ended; the other may go on.
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            from.Close(0);
            to.Close(0);
        }
    }
}
