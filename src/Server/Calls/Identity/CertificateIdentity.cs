using System.ComponentModel.DataAnnotations;

namespace TaskGrpc.Server.Calls.Identity;

/// <summary>Who calls with a certificate: a row of the table Identity:Certificates. It is found by the subject or by a name.</summary>
internal sealed class CertificateIdentity
{
    /// <summary>The certificate's subject, as .NET writes it: CN=planner, O=Acme. Default: none.</summary>
    public string? Subject { get; set; }

    /// <summary>A DNS name or a URI among the certificate's alternative names: planner.acme.example, spiffe://acme/planner. Default: none.</summary>
    public string? Name { get; set; }

    /// <summary>The organization to which everything is bound.</summary>
    [Required(ErrorMessage = "Each of Identity:Certificates must name an Organization.")]
    public string Organization { get; set; } = "";

    /// <summary>The actor who is recorded with every change.</summary>
    [Required(ErrorMessage = "Each of Identity:Certificates must name an Actor.")]
    public string Actor { get; set; } = "";

    /// <summary>What the actor is: user, agent or service. Default: service.</summary>
    [AllowedValues("user", "agent", "service", ErrorMessage = "An ActorType of Identity:Certificates must be user, agent or service.")]
    public string ActorType { get; set; } = "service";

    /// <summary>What the actor may. Default: nothing.</summary>
    public IList<string> Scopes { get; } = [];
}
