using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls.Limits;

/// <summary>
/// Limits open streams without an identity, in total and for each address. Otherwise anyone could use up the connections with them.
/// </summary>
internal sealed class UnidentifiedStreams(IOptions<LimitOptions> options)
{
    private readonly Lock _gate = new();
    private readonly OpenCounts<IPAddress> _from = new();
    private int _open;

    /// <param name="address">The caller's address; null for a connection without one, such as a Unix socket.</param>
    /// <exception cref="Fault">WATCH_LIMIT.</exception>
    public Place Enter(IPAddress? address)
    {
        var key = NetworkOf(address ?? IPAddress.None);
        lock (_gate)
        {
            if (_open >= options.Value.UnidentifiedStreams || _from.Of(key) >= options.Value.UnidentifiedStreamsPerAddress)
            {
                throw new Fault(
                    ErrorReason.WatchLimit,
                    "Too many health and reflection streams are open, from your address or on the whole server. "
                    + "Close one, or call grpc.health.v1.Health/Check instead of Watch.");
            }

            _open++;
            _from.Enter(key);
        }

        return new Place(this, key);
    }

    /// <summary>The /64 network of an IPv6 address: its owner can use all addresses in it.</summary>
    private static IPAddress NetworkOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private void Leave(IPAddress key)
    {
        lock (_gate)
        {
            _open--;
            _from.Leave(key);
        }
    }

    internal readonly struct Place(UnidentifiedStreams streams, IPAddress key) : IDisposable
    {
        public void Dispose() => streams.Leave(key);
    }
}
