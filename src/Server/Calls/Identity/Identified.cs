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

    /// <summary>The caller, with what its scopes mean to rules. A remembered token works that out once, not for each call.</summary>
    public Caller Caller { get; } = Caller with { MayApprove = May(Scopes, "tasks:approve") };

    /// <summary>Whether the caller has a scope. 'admin' includes all others.</summary>
    public bool May(string scope) => May(Scopes, scope);

    private static bool May(IReadOnlySet<string>? scopes, string scope) =>
        scopes is null || scopes.Contains(scope) || scopes.Contains("admin");
}
