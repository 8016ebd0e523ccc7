using System.Net;
using System.Net.Sockets;

namespace TaskGrpc.Load.Subjects;

internal static class LoopbackPort
{
    public static int Free()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
