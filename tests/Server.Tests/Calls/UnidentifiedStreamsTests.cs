using System.Net;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Faults;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>The limit of streams without a caller counts per address, or per network if one party usually has the whole network.</summary>
public sealed class UnidentifiedStreamsTests
{
    [Theory]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1")]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2")]
    [InlineData(null, null, "192.0.2.2")]
    public void An_address_above_its_share_Is_refused_and_another_is_not(string? first, string? same, string other)
    {
        var streams = new UnidentifiedStreams(Options.Create(new LimitOptions { UnidentifiedStreamsPerAddress = 1 }));
        using (streams.Enter(Address(first)))
        {
            Assert.Equal(ErrorReason.WatchLimit, Assert.Throws<Fault>(() => streams.Enter(Address(same))).Reason);
            streams.Enter(Address(other)).Dispose();
        }

        streams.Enter(Address(same)).Dispose();
    }

    private static IPAddress? Address(string? text) => text is null ? null : IPAddress.Parse(text);
}
