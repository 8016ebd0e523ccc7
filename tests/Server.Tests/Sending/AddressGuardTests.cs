using System.Net;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Sending;
using Xunit;

namespace TaskGrpc.Server.Tests.Delivering;

public sealed class AddressGuardTests
{
    /// <summary>The first and last address of every network that reliability.md names.</summary>
    [Theory]
    [InlineData("0.0.0.0", "0.255.255.255")]
    [InlineData("10.0.0.0", "10.255.255.255")]
    [InlineData("100.64.0.0", "100.127.255.255")]
    [InlineData("127.0.0.0", "127.255.255.255")]
    [InlineData("169.254.0.0", "169.254.169.254")]
    [InlineData("172.16.0.0", "172.31.255.255")]
    [InlineData("192.0.0.0", "192.0.0.255")]
    [InlineData("192.0.2.0", "192.0.2.255")]
    [InlineData("192.88.99.0", "192.88.99.255")]
    [InlineData("192.168.0.0", "192.168.255.255")]
    [InlineData("198.18.0.0", "198.19.255.255")]
    [InlineData("198.51.100.0", "198.51.100.255")]
    [InlineData("203.0.113.0", "203.0.113.255")]
    [InlineData("224.0.0.0", "239.255.255.255")]
    [InlineData("240.0.0.0", "255.255.255.255")]
    [InlineData("::", "::1")]
    [InlineData("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("100::", "100::ffff:ffff:ffff:ffff")]
    [InlineData("2002::", "2002:7f00:1::")]
    [InlineData("64:ff9b::", "64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("::ffff:127.0.0.1", "::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1", "::ffff:10.1.2.3")]
    [InlineData("::ffff:0:7f00:1", "100:0:0:1::")]
    [InlineData("200::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("4000::", "feff::")]
    [InlineData("2001:2::", "2001:10::")]
    public void An_address_that_is_not_public_Is_refused(string first, string last)
    {
        var guard = Guard();
        Assert.False(guard.IsAllowed(IPAddress.Parse(first)), first);
        Assert.False(guard.IsAllowed(IPAddress.Parse(last)), last);
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700::1111")]
    [InlineData("2a00:1450::1")]
    [InlineData("::ffff:1.1.1.1")]
    public void A_public_address_Is_allowed(string address) => Assert.True(Guard().IsAllowed(IPAddress.Parse(address)));

    [Fact]
    public void The_operator_Allows_networks_by_name_and_nothing_beside_them()
    {
        var guard = Guard("10.1.0.0/16", "::1/128");
        Assert.True(guard.IsAllowed(IPAddress.Parse("10.1.2.3")) && guard.IsAllowed(IPAddress.Parse("::ffff:10.1.2.3"))
            && guard.IsAllowed(IPAddress.IPv6Loopback));
        Assert.False(guard.IsAllowed(IPAddress.Parse("10.2.0.0")) || guard.IsAllowed(IPAddress.Loopback));
    }

    private static AddressGuard Guard(params string[] allowed)
    {
        var options = new DeliveryOptions();
        allowed.ToList().ForEach(options.AllowedNetworks.Add);
        return new AddressGuard(Options.Create(options));
    }
}
