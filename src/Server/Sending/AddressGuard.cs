using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Resources.Deliveries;

namespace TaskGrpc.Server.Sending;

/// <summary>The addresses that a webhook may reach: public unicast ones, and those in networks that the operator allows.</summary>
internal sealed class AddressGuard(IOptions<DeliveryOptions> options)
{
    /// <summary>
    /// All public unicast addresses of IPv6. Loopback, link-local, unique local, multicast and addresses with an IPv4 address inside are
    /// outside.
    /// </summary>
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>IPv4 and global IPv6 networks that are not public unicast, from IANA's registries of special-purpose addresses.</summary>
    private static readonly IPNetwork[] Refused =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    private readonly IPNetwork[] _allowed = [.. options.Value.AllowedNetworks.Select(network => IPNetwork.Parse(network))];

    public bool IsAllowed(IPAddress address)
    {
        // Check an IPv4-mapped IPv6 address as IPv4.
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _allowed.Any(network => network.Contains(plain)) || IsPublic(plain);
    }

    private static bool IsPublic(IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(address))
            && !Refused.Any(network => network.Contains(address));
}
