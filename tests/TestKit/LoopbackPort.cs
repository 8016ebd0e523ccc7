using System.Net;
using System.Net.Sockets;

namespace TaskGrpc.TestKit;

/// <summary>Ports for servers that come back on the same one. They lie below the range from which the system takes the ports of clients, which would otherwise steal them meanwhile.</summary>
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
                // Taken; there are others.
            }
        }
    }
}
