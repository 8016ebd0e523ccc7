using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;
using Xunit;

namespace TaskGrpc.Server.Tests.Calls;

/// <summary>The cache of tokens keeps its limit, however many tokens arrive.</summary>
public sealed class RememberedTokensTests
{
    private static readonly TokenKeys Keys = new(new object(), null, null);

    [Fact]
    public void So_many_tokens_Are_kept_and_those_in_use_stay()
    {
        var tokens = new RememberedTokens(most: 10);
        var used = Keep(tokens, "used");
        for (var i = 0; i < 1000; i++)
        {
            Keep(tokens, $"token {i}");
            Assert.Same(used, tokens.Find("used", Keys));
            Assert.InRange(tokens.Count, 1, 10);
        }

        Assert.NotNull(tokens.Find("token 999", Keys));
        Assert.Null(tokens.Find("token 0", Keys));
    }

    [Fact]
    public void Tokens_up_to_the_limit_of_characters_Are_kept_and_a_larger_one_is_not()
    {
        var tokens = new RememberedTokens(mostCharacters: 1000);
        for (var i = 0; i < 100; i++)
        {
            Keep(tokens, new string((char)('a' + i), 100));
            Assert.InRange(tokens.Count, 1, 10);
        }

        Keep(tokens, new string('x', 501));
        Assert.Null(tokens.Find(new string('x', 501), Keys));
        Keep(tokens, new string('y', 500));
        Assert.NotNull(tokens.Find(new string('y', 500), Keys));
    }

    [Fact]
    public void A_token_that_other_keys_have_passed_Is_not_found_and_replaced_by_the_next_validation()
    {
        var tokens = new RememberedTokens();
        Keep(tokens, "token");
        foreach (var changed in new[] { Keys with { Settings = new object() }, Keys with { Issuer = new object() },
            Keys with { File = new object() } })
        {
            Assert.Null(tokens.Find("token", changed));
            var again = Identified();
            tokens.Keep("token", changed, again);
            Assert.Same(again, tokens.Find("token", changed));
            Assert.Null(tokens.Find("token", Keys));
        }
    }

    private static Identified Keep(RememberedTokens tokens, string token)
    {
        var identified = Identified();
        tokens.Keep(token, Keys, identified);
        return identified;
    }

    private static Identified Identified() =>
        new(new Caller("org", new Actor { Id = "anna", Type = ActorType.User }), new HashSet<string>(), null);
}
