using System.Net;
using System.Net.Sockets;

namespace TaskGrpc.TestKit;

/// <summary>A TCP proxy in this process that cuts each connection after a number of bytes, or makes it silent.</summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _target;
    private readonly Func<long> _bytesUntilCut;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _cuts;
    private int _connections;
    private int _silentUpTo;

    /// <param name="target">The server.</param>
    /// <param name="bytesUntilCut">Called for each connection: how many bytes the connection may carry, both directions together.</param>
    public CuttingProxy(Uri target, Func<long> bytesUntilCut)
    {
        (_target, _bytesUntilCut) = (target, bytesUntilCut);
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>The number of cut connections.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Drops from now on what the server sends on open connections, without closing them. New connections work.</summary>
    public void FallSilent() => Volatile.Write(ref _silentUpTo, Volatile.Read(ref _connections));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
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
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        client.NoDelay = true;
        var number = Interlocked.Increment(ref _connections);
        var allowance = new Allowance(_bytesUntilCut());
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target.Port, ended.Token);
            await Task.WhenAny(PumpAsync(client, server, allowance, () => false, ended.Token),
                PumpAsync(server, client, allowance, () => number <= Volatile.Read(ref _silentUpTo), ended.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // The target refuses connections, or the test is over.
        }

        if (allowance.IsSpent)
        {
            Interlocked.Increment(ref _cuts);
        }

        // A reset, so that neither side takes it for an orderly close.
        client.LingerState = new LingerOption(true, 0);
        server.LingerState = new LingerOption(true, 0);
        await ended.CancelAsync();
        client.Dispose();
    }

    private static async Task PumpAsync(
        Socket from, Socket to, Allowance allowance, Func<bool> isSilent, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var read = await from.ReceiveAsync(buffer, cancellationToken);
                var allowed = allowance.Take(read);
                if (allowed > 0 && !isSilent())
                {
                    await to.SendAsync(buffer.AsMemory(0, allowed), cancellationToken);
                }

                if (read == 0 || allowed < read)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other direction has closed the connection.
        }
    }

    private sealed class Allowance(long bytes)
    {
        private long _left = bytes;

        public bool IsSpent => Volatile.Read(ref _left) < 0;

        public int Take(int wanted)
        {
            var left = Interlocked.Add(ref _left, -wanted);
            return left >= 0 ? wanted : (int)Math.Max(0, left + wanted);
        }
    }
}
