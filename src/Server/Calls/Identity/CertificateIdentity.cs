using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>Who calls with a certificate: a row of the table Identity:Certificates, found by the subject or by a name.</summary>
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
    [Required(ErrorMessage = "Each of Identity:Certificates must name an Organization.")]
    public string Organization { get; set; } = "";

    /// <summary>The actor that the server records with every change. Required.</summary>
    [Required(ErrorMessage = "Each of Identity:Certificates must name an Actor.")]
    public string Actor { get; set; } = "";

    /// <summary>What the actor is: <c>user</c>, <c>agent</c> or <c>service</c>. Default: service.</summary>
    [AllowedValues("user", "agent", "service", ErrorMessage = "An ActorType of Identity:Certificates must be user, agent or service.")]
    public string ActorType { get; set; } = "service";

    /// <summary>
    /// The scopes that the caller has, for example <c>tasks:read</c>. Default: none, the caller may call nothing that asks for a scope.
    /// </summary>
    public IList<string> Scopes { get; } = [];
}
