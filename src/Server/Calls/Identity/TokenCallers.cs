using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>
/// Identifies callers by bearer tokens of the configured issuer. It validates a token once, and again after the keys or the settings
/// change; in between it recognizes the token by its hash until it expires.
/// </summary>
/// <param name="bearer">The bearer scheme's settings.</param>
/// <param name="options">The claims, and the clock skew.</param>
/// <param name="time">The clock.</param>
/// <param name="file">The JWKS file; null if there is none.</param>
internal sealed class TokenCallers(
    IOptionsMonitor<JwtBearerOptions> bearer, IOptions<IdentityOptions> options, TimeProvider time, JwksFile? file = null) : ICallers
{
    private const string Scheme = "Bearer ";

    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false };
    private readonly RememberedTokens _remembered = new();

    public async ValueTask<Identified> IdentifyAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        if (credentials.Metadata("authorization") is not { } header || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw new Fault(
                ErrorReason.TokenMissing, "This server needs a token. Send it in the metadata 'authorization' as 'Bearer TOKEN'.");
        }

        // 1. Read the present keys before the validation: if they change meanwhile, its result does not count any more.
        var scheme = bearer.Get(JwtBearerDefaults.AuthenticationScheme);
        var metadata = await MetadataAsync(scheme, cancellationToken);
        var keys = new TokenKeys(scheme, metadata, file?.Read());
        // 2. A token that is already validated with these keys and has not expired.
        if (_remembered.Find(header.AsSpan(Scheme.Length).Trim(), keys) is { } known && known.Until > time.GetUtcNow())
        {
            return known;
        }

        // 3. Any other token.
        var token = header[Scheme.Length..].Trim();
        var result = await _tokens.ValidateTokenAsync(token, Parameters(scheme, metadata));
        // One message for all flaws: a forger learns nothing, and the caller can read the token.
        var identified = result.IsValid ? Of((JsonWebToken)result.SecurityToken)
            : throw TokenClaims.Invalid(
                "The token is expired, not yet valid, or not signed for this server by its issuer. Get a new one.");
        _remembered.Keep(token, keys, identified);
        return identified;
    }

    /// <summary>The issuer's metadata as last fetched; null without an authority, or until the first fetch succeeds.</summary>
    private static async ValueTask<OpenIdConnectConfiguration?> MetadataAsync(JwtBearerOptions scheme, CancellationToken cancellationToken)
    {
        try
        {
            return scheme.ConfigurationManager is { } authority ? await authority.GetConfigurationAsync(cancellationToken) : null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or HttpRequestException)
        {
            // The handler has logged it. Keys from the settings are still valid.
            return null;
        }
    }

    private TokenValidationParameters Parameters(JwtBearerOptions scheme, OpenIdConnectConfiguration? metadata)
    {
        var parameters = scheme.TokenValidationParameters.Clone();
        parameters.LifetimeValidator = IsAlive;
        if (metadata is not null && scheme.ConfigurationManager is BaseConfigurationManager authority)
        {
            // The manager fetches the metadata again for an unknown key.
            parameters.ConfigurationManager = authority;
        }
        else if (metadata is not null)
        {
            parameters.ValidIssuers = [.. parameters.ValidIssuers ?? [], metadata.Issuer];
            parameters.IssuerSigningKeys = [.. parameters.IssuerSigningKeys ?? [], .. metadata.SigningKeys];
        }

        return parameters;
    }

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow();
        return expires is { } end && Skewed(end) > now && !(notBefore - options.Value.ClockSkew > now.UtcDateTime);
    }

    /// <summary>When a token expires for this server, at most the largest date.</summary>
    private DateTimeOffset Skewed(DateTime end) =>
        end > DateTime.MaxValue - options.Value.ClockSkew
            ? DateTimeOffset.MaxValue : new DateTimeOffset(end, TimeSpan.Zero) + options.Value.ClockSkew;

    private Identified Of(JsonWebToken token)
    {
        var claims = new TokenClaims(token);
        var names = options.Value;
        var type = claims.Text(names.ActorTypeClaim);
        var actor = new Actor
        {
            Id = Name(claims, names.ActorClaim),
            Type = type is null ? ActorType.Service
                : ActorNames.TypeOf(type)
                    ?? throw TokenClaims.Invalid($"The token's claim '{names.ActorTypeClaim}' must be 'user', 'agent' or 'service'."),
        };
        var caller = new Caller(Name(claims, names.OrganizationClaim), actor) { IntegrationType = claims.Text("integration_type") };
        return new Identified(caller, claims.Words(names.ScopeClaim), Skewed(token.ValidTo));
    }

    private static string Name(TokenClaims claims, string claim) =>
        claims.Text(claim) is { } text && ActorNames.IsName(text)
            ? text : throw TokenClaims.Invalid($"The token's claim '{claim}' {ActorNames.Rule}.");
}
