using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>A row of the table Identity:Certificates: the identity of a caller with a certificate.</summary>
internal sealed class CertificateIdentity
{
    /// <summary>
    /// The certificate's subject as .NET writes it, for example <c>CN=planner, O=Acme</c>. Each row needs a subject or a name that no
    /// other row has. Default: none.
    /// </summary>
    public string? Subject { get; set; }

    /// <summary>
    /// A DNS name or URI among the certificate's alternative names, for example <c>planner.acme.example</c> or
    /// <c>spiffe://acme/planner</c>. Default: none.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>The organization whose resources the caller sees and changes. Required.</summary>
    [Required(ErrorMessage = "Each row of Identity:Certificates must name an Organization.")]
    public string Organization { get; set; } = "";

    /// <summary>The actor that the server records with every change. Required.</summary>
    [Required(ErrorMessage = "Each row of Identity:Certificates must name an Actor.")]
    public string Actor { get; set; } = "";

    /// <summary>What the actor is: <c>user</c>, <c>agent</c> or <c>service</c>. Default: service.</summary>
    [AllowedValues(
        "user", "agent", "service", ErrorMessage = "The ActorType of a row of Identity:Certificates must be user, agent or service.")]
    public string ActorType { get; set; } = "service";

    /// <summary>
    /// The caller's scopes, for example <c>tasks:read</c>. Default: none; the caller can make no call that needs a scope.
    /// </summary>
    public IList<string> Scopes { get; } = [];
}
