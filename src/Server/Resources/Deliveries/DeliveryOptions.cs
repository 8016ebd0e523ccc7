using System.ComponentModel.DataAnnotations;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>Where the server may send alerts, and how many attempts it makes at once; the configuration section <c>Delivery</c>.</summary>
internal sealed class DeliveryOptions : IValidatableObject
{
    public const string Section = "Delivery";

    /// <summary>Whether this server sends webhooks and mails. If no replica does, alerts wait in the schedule. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Whether webhooks may also go to <c>http</c> addresses, not to <c>https</c> alone. Default: false.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// Networks in CIDR form, for example <c>10.1.0.0/16</c>, that webhooks may reach beside public unicast addresses. Default: none.
    /// </summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>How long one attempt may take before it fails. Default: 10 seconds; range 100 ms to 1 minute.</summary>
    [SettingRange("Delivery:AttemptTimeout", "00:00:00.1", "00:01:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an attempt belongs to the replica that began it. Then any replica may repeat it. It must be longer than
    /// <see cref="AttemptTimeout"/>. Default: 30 seconds; range 200 ms to 10 minutes.
    /// </summary>
    [SettingRange("Delivery:Lease", "00:00:00.2", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many attempts this server makes at once. More wait. Default: 1,024; range 1 to 10,000.</summary>
    [SettingRange("Delivery:Concurrency", 1, 10_000)]
    public int Concurrency { get; set; } = 1024;

    /// <summary>How many attempts this server makes at once for one organization. More wait. Default: 128; range 1 to 10,000.</summary>
    [SettingRange("Delivery:OrganizationConcurrency", 1, 10_000)]
    public int OrganizationConcurrency { get; set; } = 128;

    /// <summary>
    /// How many attempts this server makes at once for one organization at one endpoint. While the endpoint is down, it makes one at a
    /// time. Default: 8; range 1 to 1,000.
    /// </summary>
    [SettingRange("Delivery:EndpointConcurrency", 1, 1000)]
    public int EndpointConcurrency { get; set; } = 8;

    /// <summary>
    /// How often this server reads the whole schedule. In between it reads what its own commits have changed, at once. Default: 5 seconds;
    /// range 10 ms to 1 minute.
    /// </summary>
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
