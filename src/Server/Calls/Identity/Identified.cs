using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>An identified caller.</summary>
/// <param name="Caller">The caller.</param>
/// <param name="Scopes">Its scopes; null for all.</param>
/// <param name="Until">When the identity expires; null for never.</param>
internal sealed record Identified(Caller Caller, IReadOnlySet<string>? Scopes, DateTimeOffset? Until)
{
    /// <summary>The advice for a missing scope, as a sentence.</summary>
    public string Advice { get; init; } = "Ask for a token that has it.";

    /// <summary>Whether the caller has a scope. 'admin' includes all others.</summary>
    public bool May(string scope) => Scopes is null || Scopes.Contains(scope) || Scopes.Contains("admin");
}
