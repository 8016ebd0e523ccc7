using Google.Rpc;
using Microsoft.Extensions.DependencyInjection;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Ledger;
using TaskGrpc.TestKit;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>What fails after the end of its call is not an incident: the fixture checks that nothing is logged as an error.</summary>
public sealed class EndedCallTests(SqliteServer server) : IClassFixture<SqliteServer>
{
    private readonly Refusals _refusals = server.Server.Services.GetRequiredService<Refusals>();

    [Fact]
    public void A_failure_after_the_deadline_Is_no_incident_even_before_the_token_is_cancelled()
    {
        var call = new Call("/health", TimeProvider.System.GetUtcNow().AddMilliseconds(-1), CancellationToken.None);
        Assert.Equal((int)Code.DeadlineExceeded, _refusals.Of(new ObjectDisposedException("response"), call).Status.Code);
    }

    [Fact]
    public void A_failure_of_a_canceled_call_Is_no_incident()
    {
        var call = new Call("/health", null, new CancellationToken(canceled: true));
        Assert.Equal((int)Code.Cancelled, _refusals.Of(new ObjectDisposedException("response"), call).Status.Code);
    }
}
