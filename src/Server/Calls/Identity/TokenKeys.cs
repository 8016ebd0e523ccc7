namespace TaskGrpc.Server.Calls.Identity;

/// <summary>The settings and keys that validate tokens. If one is another object, earlier validations no longer count.</summary>
/// <param name="Settings">The bearer scheme's settings.</param>
/// <param name="Issuer">The issuer's metadata; null without metadata.</param>
/// <param name="File">The keys of the JWKS file; null without a file.</param>
internal readonly record struct TokenKeys(object Settings, object? Issuer, object? File);
