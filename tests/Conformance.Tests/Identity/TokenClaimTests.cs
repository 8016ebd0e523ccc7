using Grpc.Core;
using TaskGrpc.TestKit;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Conformance.Tests.Identity;

/// <summary>Tokens with a valid signature and unusual claims: the server reads each in one way only, or refuses it.</summary>
public sealed class TokenClaimTests(IssuerAndServer identity) : IClassFixture<IssuerAndServer>
{
    private TestIssuer Issuer => identity.Issuer;

    private TestServer Server => identity.Server;

    public static TheoryData<string, string> Refused => new()
    {
        { "a list of organizations", """ "org":["a","b"],"sub":"anna" """ },
        { "a list of one organization", """ "org":["a"],"sub":"anna" """ },
        { "an object as organization", """ "org":{"id":"a"},"sub":"anna" """ },
        { "a number as organization", """ "org":1,"sub":"anna" """ },
        { "a flag as organization", """ "org":true,"sub":"anna" """ },
        { "null as organization", """ "org":null,"sub":"anna" """ },
        { "no organization", """ "sub":"anna" """ },
        { "an organization in another case", """ "Org":"a","sub":"anna" """ },
        { "an organization with half a character", """ "org":"a\ud800","sub":"anna" """ },
        { "a list of actors", """ "org":"a","sub":["anna","root"] """ },
        { "an object as actor", """ "org":"a","sub":{"id":"anna"} """ },
        { "a number as actor", """ "org":"a","sub":7 """ },
        { "no actor", """ "org":"a" """ },
        { "a list of types", """ "org":"a","sub":"anna","actor_type":["user","agent"] """ },
        { "an object as type", """ "org":"a","sub":"anna","actor_type":{"user":true} """ },
        { "null as type", """ "org":"a","sub":"anna","actor_type":null """ },
        { "an object as scope", """ "org":"a","sub":"anna","scope":{"admin":true} """ },
        { "a number as scope", """ "org":"a","sub":"anna","scope":1 """ },
        { "a list of scopes with a number in it", """ "org":"a","sub":"anna","scope":["tasks:read",1] """ },
        { "a list of integration types", """ "org":"a","sub":"anna","integration_type":["crm"] """ },
        { "an organization twice", """ "org":"a","org":"b","sub":"anna" """ },
        { "an organization twice, once escaped", """ "org":"a","\u006frg":"b","sub":"anna" """ },
        { "a key twice that the server does not read", """ "org":"a","sub":"anna","x":1,"x":2 """ },
        { "an end twice", """ "org":"a","sub":"anna","exp":4102444800 """ },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_claim_that_is_not_one_text_Is_TOKEN_INVALID(string what, string claims) =>
        await RequireRefusedAsync(what, Issuer.Signed(Payload(claims)));

    [Theory]
    [InlineData("""{"alg":"RS256","kid":"test","crit":["exp"],"exp":1}""")]
    [InlineData("""{"alg":"RS256","kid":"test","crit":["b64"],"b64":true}""")]
    [InlineData("""{"alg":"RS256","kid":"test","crit":[]}""")]
    [InlineData("""{"alg":"RS256","kid":"test","crit":null}""")]
    [InlineData("""{"alg":"RS256","kid":"test","alg":"none"}""")]
    [InlineData("""{"alg":"none","kid":"test"}""")]
    [InlineData("""{"alg":"NONE","kid":"test"}""")]
    [InlineData("""{"alg":"HS256","kid":"test"}""")]
    [InlineData("""{"alg":["RS256"],"kid":"test"}""")]
    [InlineData("""{"kid":"test"}""")]
    [InlineData("""{"alg":"RS256","kid":"test","typ":"logout+jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":"test","typ":"application/dpop+jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":"test","typ":["JWT"]}""")]
    public async Task A_header_that_is_not_understood_Is_TOKEN_INVALID(string header) =>
        await RequireRefusedAsync(header, Issuer.Signed(Payload(""" "org":"a","sub":"anna" """), header));

    [Theory]
    [InlineData("""{"alg":"RS256","kid":"test"}""")]
    [InlineData("""{"alg":"RS256","kid":"test","typ":"jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":"test","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":"test","typ":"application/at+jwt"}""")]
    public async Task The_types_of_access_tokens_Are_taken(string header) =>
        await CallAsync(Issuer.Signed(Payload(""" "org":"a","sub":"anna" """), header));

    [Theory]
    [InlineData("\"4102444800\"")]
    [InlineData("\"2100-01-01T00:00:00Z\"")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("[4102444800]")]
    [InlineData("-1")]
    [InlineData("1")]
    [InlineData("1e400")]
    public async Task An_end_that_is_no_moment_to_come_Is_TOKEN_INVALID(string end)
    {
        await RequireRefusedAsync($"exp {end}", Issuer.Signed(Payload(""" "org":"a","sub":"anna" """, end)));
        await RequireRefusedAsync("no exp", Issuer.Signed($$"""{"iss":"{{TestIssuer.Name}}","aud":"{{TestIssuer.Audience}}","org":"a","sub":"anna","scope":"admin"}"""));
    }

    [Theory]
    [InlineData("\"1\"")]
    [InlineData("4102444800")]
    [InlineData("[1]")]
    public async Task A_beginning_that_is_text_or_to_come_Is_TOKEN_INVALID(string beginning) =>
        await RequireRefusedAsync($"nbf {beginning}", Issuer.Signed(Payload($""" "org":"a","sub":"anna","nbf":{beginning} """)));

    [Theory]
    [InlineData("4102444800.75")]
    [InlineData("4.1024448e9")]
    [InlineData("253402300799")]
    [InlineData("1e15")]
    [InlineData("9223372036854775807")]
    public async Task An_end_with_a_fraction_or_past_every_calendar_Is_taken(string end) =>
        await CallAsync(Issuer.Signed(Payload(""" "org":"a","sub":"anna","nbf":1.5 """, end)));

    [Fact]
    public async Task A_token_whose_secret_is_the_public_key_Is_TOKEN_INVALID() =>
        await RequireRefusedAsync("HMAC", Issuer.SignedWithPublicKey(Payload(""" "org":"a","sub":"anna" """)));

    [Fact]
    public async Task A_key_inside_the_token_Is_ignored()
    {
        using var otherIssuer = new TestIssuer(Directory.CreateDirectory(Path.Combine(identity.Folder, "otherIssuer")).FullName);
        var header = $$"""{"alg":"RS256","kid":"test","jwk":{{otherIssuer.PublicKey}},"jku":"https://127.0.0.1:1/keys"}""";
        await RequireRefusedAsync("jwk", otherIssuer.Signed(Payload(""" "org":"a","sub":"anna" """), header));
    }

    [Fact]
    public async Task A_token_of_16_KiB_Is_taken_and_its_scopes_may_be_a_list()
    {
        var padding = new string('x', 12 * 1024);
        using var client = TestIssuer.Client(Server, Issuer.Signed(Payload($""" "org":"a","sub":"anna","padding":"{padding}","scope":["tasks:read tasks:write","secrets:manage"] """, scope: null)));
        Assert.Equal("a", (await client.CreateAgentTaskAsync()).OrganizationId);
        await client.Changes.ListChangesAsync(new());
    }

    private static string Payload(string claims, string end = "4102444801", string? scope = "admin")
    {
        var scopes = scope is null || claims.Contains("\"scope\"", StringComparison.Ordinal) ? "" : $"\"scope\":\"{scope}\",";
        return $$"""{"iss":"{{TestIssuer.Name}}","aud":"{{TestIssuer.Audience}}","exp":{{end}},{{scopes}}{{claims}}}""";
    }

    private async Task CallAsync(string token)
    {
        using var client = TestIssuer.Client(Server, token);
        await client.Changes.ListChangesAsync(new());
        using var watch = await WatchProbe.OpenAsync(client, new WatchRequest());
    }

    private async Task RequireRefusedAsync(string what, string token)
    {
        using var client = TestIssuer.Client(Server, token);
        var refused = await Assert.ThrowsAsync<Client.TaskGrpcException>(() => client.Changes.ListChangesAsync(new()).ResponseAsync);
        Assert.True((refused.StatusCode, refused.Reason) == (StatusCode.Unauthenticated, ErrorReason.TokenInvalid),
            $"{what}: {refused.StatusCode} {refused.Reason} {refused.Message}");
    }
}
