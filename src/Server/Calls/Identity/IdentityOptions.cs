using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>
/// How the server recognises callers by their tokens and certificates; the configuration section <c>Identity</c>. Issuer, audience and
/// keys are ASP.NET Core's settings in <c>Authentication:Schemes:Bearer</c>.
/// </summary>
internal sealed class IdentityOptions
{
    public const string Section = "Identity";

    /// <summary>The value that stands for every authority that this machine trusts, in place of a file.</summary>
    public const string MachinesAuthorities = "machine";

    /// <summary>
    /// A file with the issuer's public keys, a JSON Web Key Set, in place of an authority that serves them. The server reads it again when
    /// it changes. If it is set, the server asks its callers for tokens. Default: none.
    /// </summary>
    public string? JwksFile { get; set; }

    /// <summary>The claim of a token that names the organization. Default: org.</summary>
    [Required(ErrorMessage = "Identity:OrganizationClaim must name a claim.")]
    public string OrganizationClaim { get; set; } = "org";

    /// <summary>The claim of a token that names the actor. Default: sub.</summary>
    [Required(ErrorMessage = "Identity:ActorClaim must name a claim.")]
    public string ActorClaim { get; set; } = "sub";

    /// <summary>
    /// The claim of a token that says what the actor is: <c>user</c>, <c>agent</c> or <c>service</c>. A token without it is a service's.
    /// Default: actor_type.
    /// </summary>
    [Required(ErrorMessage = "Identity:ActorTypeClaim must name a claim.")]
    public string ActorTypeClaim { get; set; } = "actor_type";

    /// <summary>The claim of a token that holds the scopes, separated by spaces or as a list. Default: scope.</summary>
    [Required(ErrorMessage = "Identity:ScopeClaim must name a claim.")]
    public string ScopeClaim { get; set; } = "scope";

    /// <summary>By how much the issuer's clock may differ from this machine's. Default: 10 seconds; range 0 to 5 minutes.</summary>
    [SettingRange("Identity:ClockSkew", "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Who calls with which client certificate. With a row, every caller needs a certificate that the table names, or a token where an
    /// issuer is set. Default: none.
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
