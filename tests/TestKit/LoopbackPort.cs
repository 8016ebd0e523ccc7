using System.Net;
using System.Net.Sockets;

namespace TaskGrpc.TestKit;

/// <summary>
/// Ports for servers that restart on the same port. They lie below the system's range for client ports; otherwise a client could take the
/// port in between.
/// </summary>
public static class LoopbackPort
{
    private const int First = 10_000;
    private const int BeyondLast = 32_000;

    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, BeyondLast);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // The port is in use; try the next.
            }
        }
    }
}
