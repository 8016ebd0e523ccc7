using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Hosting.Identity;

/// <summary>Recognises callers by bearer tokens, signed by the issuer that is configured.</summary>
internal sealed class TokenCallers(IOptionsMonitor<JwtBearerOptions> bearer, IOptions<IdentityOptions> options, TimeProvider time) : ICallers
{
    private const string Scheme = "Bearer ";

    // Claims keep the names that the token gives them.
    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false };

    public async ValueTask<Identified> IdentifyAsync(HttpContext call, CancellationToken cancellationToken)
    {
        if (call.Request.Headers.Authorization is not [.., { } header] || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw new Fault(ErrorReason.TokenMissing, "This server asks for a token. Send it in the metadata 'authorization' as 'Bearer TOKEN'.");
        }

        var result = await _tokens.ValidateTokenAsync(header[Scheme.Length..].Trim(), await ParametersAsync(cancellationToken));
        // What exactly is wrong with a token, whoever sends it can find out himself; whoever forged it need not be told.
        return result.IsValid ? Of(result) : throw Invalid("The token is expired, not yet valid, or not signed for this server by its issuer. Get a new one.");
    }

    private async Task<TokenValidationParameters> ParametersAsync(CancellationToken cancellationToken)
    {
        var scheme = bearer.Get(JwtBearerDefaults.AuthenticationScheme);
        var parameters = scheme.TokenValidationParameters.Clone();
        parameters.LifetimeValidator = IsAlive;
        switch (scheme.ConfigurationManager)
        {
            case BaseConfigurationManager authority:
                parameters.ConfigurationManager = authority;
                break;
            case { } fixedAuthority:
                var configuration = await fixedAuthority.GetConfigurationAsync(cancellationToken);
                parameters.ValidIssuers = [.. parameters.ValidIssuers ?? [], configuration.Issuer];
                parameters.IssuerSigningKeys = [.. parameters.IssuerSigningKeys ?? [], .. configuration.SigningKeys];
                break;
            default:
                break;
        }

        return parameters;
    }

    private bool IsAlive(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var (now, skew) = (time.GetUtcNow().UtcDateTime, options.Value.ClockSkew);
        return expires is { } end && end + skew > now && !(notBefore - skew > now);
    }

    private Identified Of(TokenValidationResult result)
    {
        var claims = result.ClaimsIdentity;
        var type = claims.FindFirst(options.Value.ActorTypeClaim)?.Value;
        var actor = new Actor
        {
            Id = Name(claims, options.Value.ActorClaim),
            Type = type is null ? ActorType.Service : ActorNames.TypeOf(type) ?? throw Invalid($"The token's claim '{options.Value.ActorTypeClaim}' must be 'user', 'agent' or 'service'."),
        };
        var scopes = claims.FindAll(options.Value.ScopeClaim).SelectMany(claim => claim.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToHashSet(StringComparer.Ordinal);
        var until = new DateTimeOffset(result.SecurityToken.ValidTo, TimeSpan.Zero) + options.Value.ClockSkew;
        var caller = new Caller(Name(claims, options.Value.OrganizationClaim), actor) { IntegrationType = claims.FindFirst("integration_type")?.Value };
        return new Identified(caller, scopes, until);
    }

    private static string Name(ClaimsIdentity claims, string claim) =>
        claims.FindFirst(claim)?.Value is { } text && ActorNames.IsName(text) ? text
            : throw Invalid($"The token's claim '{claim}' {ActorNames.Rule}.");

    private static Fault Invalid(string message) => new(ErrorReason.TokenInvalid, message);
}
