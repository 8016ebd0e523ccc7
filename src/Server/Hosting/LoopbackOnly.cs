using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>Keeps a server that does not verify its callers off the network.</summary>
internal static class LoopbackOnly
{
    /// <exception cref="RefusedToStartException">Other machines could reach the endpoint.</exception>
    public static void Require(ListenOptions endpoint)
    {
        var isLocal = endpoint.EndPoint switch
        {
            IPEndPoint ip => IPAddress.IsLoopback(ip.Address),
            UnixDomainSocketEndPoint => true,
            _ => false,
        };
        if (!isLocal)
        {
            throw new RefusedToStartException(
                $"Without an issuer or client certificates the server listens only on loopback, and {endpoint.EndPoint} is not loopback. "
                + "Set Kestrel:Endpoints:…:Url to http://127.0.0.1:PORT or http://localhost:PORT. "
                + "For any other name Kestrel would listen on every address.");
        }
    }
}
