using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>How callers are told from their tokens and certificates. Issuer, audience and keys stand where ASP.NET Core has them: Authentication:Schemes:Bearer.</summary>
internal sealed class IdentityOptions
{
    public const string Section = "Identity";

    /// <summary>In place of a file: every authority that this machine trusts.</summary>
    public const string MachinesAuthorities = "machine";

    /// <summary>A file with the issuer's public keys as a JSON Web Key Set, read again when it changes; in place of an authority that is asked for them. Default: none.</summary>
    public string? JwksFile { get; set; }

    /// <summary>The claim that names the organization. Default: org.</summary>
    [Required(ErrorMessage = "Identity:OrganizationClaim must name a claim.")]
    public string OrganizationClaim { get; set; } = "org";

    /// <summary>The claim that names the actor. Default: sub.</summary>
    [Required(ErrorMessage = "Identity:ActorClaim must name a claim.")]
    public string ActorClaim { get; set; } = "sub";

    /// <summary>The claim that says what the actor is: user, agent or service; a token without it is a service's. Default: actor_type.</summary>
    [Required(ErrorMessage = "Identity:ActorTypeClaim must name a claim.")]
    public string ActorTypeClaim { get; set; } = "actor_type";

    /// <summary>The claim with the scopes, separated by spaces or as a list. Default: scope.</summary>
    [Required(ErrorMessage = "Identity:ScopeClaim must name a claim.")]
    public string ScopeClaim { get; set; } = "scope";

    /// <summary>By how much the issuer's clock may differ from this machine's. Default: 10 s; range 0 to 5 minutes.</summary>
    [SettingRange("Identity:ClockSkew", "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Who calls with which certificate. Default: nobody.</summary>
    [ValidateEnumeratedItems]
    public IList<CertificateIdentity> Certificates { get; } = [];

    /// <summary>A PEM file with the certificates of the authority that issues them, read at the start; or "machine" for all those that the machine trusts. Needed with <see cref="Certificates"/>. Default: none.</summary>
    public string? CertificateAuthority { get; set; }

    /// <summary>How often an open stream's token is checked again: keys may have been withdrawn. Default: 1 minute; range 1 s to 1 hour.</summary>
    [SettingRange("Identity:Recheck", "00:00:01", "01:00:00")]
    public TimeSpan Recheck { get; set; } = TimeSpan.FromMinutes(1);
}
