using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>
/// How the server identifies callers by tokens and certificates; the configuration section <c>Identity</c>. Issuer, audience and keys
/// are ASP.NET Core's settings in <c>Authentication:Schemes:Bearer</c>.
/// </summary>
internal sealed class IdentityOptions
{
    public const string Section = "Identity";

    /// <summary>The value for every authority that this machine trusts, instead of a file.</summary>
    public const string MachinesAuthorities = "machine";

    /// <summary>
    /// A file with the issuer's public keys, a JSON Web Key Set, instead of an authority that serves them. The server reads it again when
    /// it changes. If it is set, callers need tokens. Default: none.
    /// </summary>
    public string? JwksFile { get; set; }

    /// <summary>The token's claim with the organization. Default: org.</summary>
    [Required(ErrorMessage = "Identity:OrganizationClaim must name a claim.")]
    public string OrganizationClaim { get; set; } = "org";

    /// <summary>The token's claim with the actor. Default: sub.</summary>
    [Required(ErrorMessage = "Identity:ActorClaim must name a claim.")]
    public string ActorClaim { get; set; } = "sub";

    /// <summary>
    /// The token's claim with the actor's type: <c>user</c>, <c>agent</c> or <c>service</c>. Without the claim, the actor is a service.
    /// Default: actor_type.
    /// </summary>
    [Required(ErrorMessage = "Identity:ActorTypeClaim must name a claim.")]
    public string ActorTypeClaim { get; set; } = "actor_type";

    /// <summary>The token's claim with the scopes, separated by spaces or as a list. Default: scope.</summary>
    [Required(ErrorMessage = "Identity:ScopeClaim must name a claim.")]
    public string ScopeClaim { get; set; } = "scope";

    /// <summary>How far the issuer's clock may differ from this machine's. Default: 10 seconds; range 0 to 5 minutes.</summary>
    [SettingRange("Identity:ClockSkew", "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The callers with client certificates. With one row or more, every caller needs a certificate in this table or, if an issuer is set,
    /// a token. Default: none.
    /// </summary>
    [ValidateEnumeratedItems]
    public IList<CertificateIdentity> Certificates { get; } = [];

    /// <summary>
    /// A PEM file with the authority that issues the client certificates, or <c>machine</c> for every authority that this machine trusts.
    /// The server reads the file at the start. It is required with <see cref="Certificates"/>. Default: none.
    /// </summary>
    public string? CertificateAuthority { get; set; }

    /// <summary>
    /// How often the server checks the token of an open stream again, because the issuer may have withdrawn its key. Default: 1 minute;
    /// range 1 second to 1 hour.
    /// </summary>
    [SettingRange("Identity:Recheck", "00:00:01", "01:00:00")]
    public TimeSpan Recheck { get; set; } = TimeSpan.FromMinutes(1);
}
