using System.Net;
using System.Net.Sockets;

namespace TaskGrpc.TestKit;

/// <summary>A bare TCP socket that handles each connection as the test says, for behavior that no HTTP server has.</summary>
public sealed class RawEndpoint : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _connections;

    /// <param name="serve">Handles a connection; the endpoint closes it afterwards.</param>
    public RawEndpoint(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _listener.Start();
        _accepting = AcceptAsync(serve);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/hook");

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Reads everything and never answers.</summary>
    public static RawEndpoint Silent() => new((_, stop) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop));

    /// <summary>Answers with one byte a second.</summary>
    public static RawEndpoint Trickle() => new(async (stream, stop) =>
    {
        foreach (var letter in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray())
        {
            await stream.WriteAsync(new[] { letter }, stop);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> serve)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                connections.Add(ServeAsync(client, serve));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> serve)
    {
        using (client)
        {
            try
            {
                await serve(client.GetStream(), _stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The test is over, or the server has closed the connection.
            }
        }
    }
}
