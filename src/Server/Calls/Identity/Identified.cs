using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>Who calls, what he may, and for how long.</summary>
/// <param name="Caller">Who calls.</param>
/// <param name="Scopes">What he may; null for everything.</param>
/// <param name="Until">When that ends; null for never.</param>
internal sealed record Identified(Caller Caller, IReadOnlySet<string>? Scopes, DateTimeOffset? Until)
{
    /// <summary>What a caller does whose token lacks a scope.</summary>
    public const string AskForToken = "Ask for a token that has it.";

    /// <summary>What the caller does about a scope that is missing, a sentence.</summary>
    public string Advice { get; init; } = AskForToken;

    /// <summary>The scope that stands for all of them.</summary>
    public const string Admin = "admin";

    public bool May(string scope) => Scopes is null || Scopes.Contains(scope) || Scopes.Contains(Admin);
}
