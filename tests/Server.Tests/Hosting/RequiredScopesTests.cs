using Grpc.Health.V1;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Storage;
using Xunit;

namespace TaskGrpc.Server.Tests.Hosting;

/// <summary>No call is open to everybody by oversight.</summary>
public sealed class RequiredScopesTests
{
    [Fact]
    public void A_call_without_a_scope_Keeps_the_server_from_starting()
    {
        var refusal = Assert.Throws<RefusedToStartException>(() => new RequiredScopes([Health.Descriptor]));
        Assert.Contains("grpc.health.v1.Health.Check names no scope", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Health_and_reflection_Ask_for_none_and_anything_else_that_is_unknown_is_no_call()
    {
        var scopes = new RequiredScopes(ServedContract.Services);
        Assert.Null(scopes.Of("/grpc.health.v1.Health/Check"));
        Assert.Null(scopes.Of("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"));
        Assert.Throws<InvalidOperationException>(() => scopes.Of("/other.Service/Call"));
    }
}
