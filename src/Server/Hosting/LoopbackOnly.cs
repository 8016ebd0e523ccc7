using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TaskGrpc.Server.Storage;

namespace TaskGrpc.Server.Hosting;

/// <summary>Keeps a server that believes whatever its callers say of themselves from being reached over a network.</summary>
internal static class LoopbackOnly
{
    /// <exception cref="RefusedToStartException">The endpoint could be reached from elsewhere.</exception>
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
            throw new RefusedToStartException($"It would listen on {endpoint.EndPoint}, but without an issuer it knows no caller and listens on loopback addresses only. Set Kestrel:Endpoints:…:Url to http://127.0.0.1:PORT or http://localhost:PORT; with any other name in it Kestrel listens on every address.");
        }
    }
}
