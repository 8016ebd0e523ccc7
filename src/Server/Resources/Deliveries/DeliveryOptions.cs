using System.ComponentModel.DataAnnotations;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>What may be delivered where, and how patiently; the configuration section <c>Delivery</c>.</summary>
internal sealed class DeliveryOptions : IValidatableObject
{
    public const string Section = "Delivery";

    /// <summary>Whether this server sends; alerts wait in the schedule where none does. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Whether a webhook's endpoint may be http. Default: false, https only.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Networks in CIDR form that webhooks may reach beside public unicast addresses, for example <c>10.1.0.0/16</c>. Default: none.</summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>How long one attempt may take. Default: 10 seconds; range 100 ms to 1 minute.</summary>
    [SettingRange("Delivery:AttemptTimeout", "00:00:00.1", "00:01:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an attempt belongs to the worker that began it, before another may repeat it. Default: 30 seconds; longer than AttemptTimeout, at most 10 minutes.</summary>
    [SettingRange("Delivery:Lease", "00:00:00.2", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many attempts are under way at once. Default: 1,024; range 1 to 10,000.</summary>
    [SettingRange("Delivery:Concurrency", 1, 10_000)]
    public int Concurrency { get; set; } = 1024;

    /// <summary>How many attempts are under way at once for one organization. Default: 128; range 1 to 10,000.</summary>
    [SettingRange("Delivery:OrganizationConcurrency", 1, 10_000)]
    public int OrganizationConcurrency { get; set; } = 128;

    /// <summary>
    /// How many attempts of one organization a replica has under way at once at one endpoint that answers; at one that is down it is one.
    /// Default: 8; range 1 to 1,000.
    /// </summary>
    [SettingRange("Delivery:EndpointConcurrency", 1, 1000)]
    public int EndpointConcurrency { get; set; } = 8;

    /// <summary>How often the whole schedule is looked at, beside every commit that concerns it. Default: 5 seconds; range 10 ms to 1 minute.</summary>
    [SettingRange("Delivery:PollInterval", "00:00:00.01", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Lease <= AttemptTimeout)
        {
            yield return new ValidationResult("Delivery:Lease must be longer than Delivery:AttemptTimeout, or attempts under way would be repeated.");
        }

        foreach (var network in AllowedNetworks.Where(network => !System.Net.IPNetwork.TryParse(network, out _)))
        {
            yield return new ValidationResult($"Delivery:AllowedNetworks has '{network}', which is no network in CIDR form like 10.1.0.0/16.");
        }
    }
}
