namespace TaskGrpc.Server.Calls.Identity;

/// <summary>With what tokens are validated at one moment. Another object means that something may have changed: what was validated before counts no more.</summary>
/// <param name="Settings">The bearer scheme's settings.</param>
/// <param name="Issuer">What the issuer's metadata says; null without metadata.</param>
/// <param name="File">The keys of the JWKS file; null without one.</param>
internal readonly record struct TokenKeys(object Settings, object? Issuer, object? File);
