using System.Net;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Resources.Deliveries;

namespace TaskGrpc.Server.Delivering;

/// <summary>Which addresses a webhook may reach: public unicast ones, and those that the operator allows by name of their network.</summary>
internal sealed class AddressGuard(IOptions<DeliveryOptions> options)
{
    /// <summary>Not public or not unicast, by IANA's registries of special-purpose addresses; those that carry an IPv4 address inside are among them.</summary>
    private static readonly IPNetwork[] Refused =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/128", "::1/128", "fe80::/10", "fec0::/10", "fc00::/7", "ff00::/8", "2001::/32", "2001:db8::/32", "3fff::/20", "100::/64", "2002::/16",
            "64:ff9b::/96", "64:ff9b:1::/48", "5f00::/16", "::/96",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    private readonly IPNetwork[] _allowed = [.. options.Value.AllowedNetworks.Select(network => IPNetwork.Parse(network))];

    public bool IsAllowed(IPAddress address)
    {
        // An IPv4 address in IPv6's clothes is judged as what it is.
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _allowed.Any(network => network.Contains(plain)) || !Refused.Any(network => network.Contains(plain));
    }
}
