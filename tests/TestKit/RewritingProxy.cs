using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TaskGrpc.TestKit;

/// <summary>A TCP proxy that replaces a text by another of the same length in the answers of a server on this machine.</summary>
public sealed class RewritingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public RewritingProxy(int port, string from, string to)
    {
        _listener.Start();
        _accepting = AcceptAsync(port, Encoding.ASCII.GetBytes(from), Encoding.ASCII.GetBytes(to));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(int port, byte[] from, byte[] to)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(CarryAsync(await _listener.AcceptSocketAsync(_stop.Token), port, from, to));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task CarryAsync(Socket client, int port, byte[] from, byte[] to)
    {
        using (client)
        using (var server = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            await server.ConnectAsync(IPAddress.Loopback, port);
            await Task.WhenAll(PumpAsync(client, server, [], []), PumpAsync(server, client, from, to));
        }
    }

    private async Task PumpAsync(Socket source, Socket target, byte[] from, byte[] to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await source.ReceiveAsync(buffer, _stop.Token) is var read and > 0)
            {
                if (from.Length > 0 && buffer.AsSpan(0, read).IndexOf(from) is var at and >= 0)
                {
                    to.CopyTo(buffer, at);
                }

                await target.SendAsync(buffer.AsMemory(0, read), _stop.Token);
            }

            target.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            source.Close(0);
            target.Close(0);
        }
    }
}
