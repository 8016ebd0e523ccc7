using System.Net;
using System.Net.Sockets;

namespace TaskGrpc.Server.Sending;

/// <summary>
/// Connects webhooks and checks the addresses when it connects: a name that was checked earlier may resolve to another address now.
/// </summary>
internal sealed class GuardedConnect(ResolveHost resolve, AddressGuard guard)
{
    /// <summary>Resolves once, and tries the allowed addresses one after the other.</summary>
    /// <exception cref="RefusedAddressException">No address is allowed.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken);
        IPAddress[] allowed = [.. addresses.Where(guard.IsAllowed)];
        if (allowed.Length == 0)
        {
            throw addresses.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : new RefusedAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
