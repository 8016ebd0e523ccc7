using System.ComponentModel.DataAnnotations;
using TaskGrpc.Server.Faults;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>Where the server may send alerts, and how many attempts run at once; the configuration section <c>Delivery</c>.</summary>
internal sealed class DeliveryOptions : IValidatableObject
{
    public const string Section = "Delivery";

    /// <summary>Whether this server sends webhooks and mails. If no replica does, alerts wait in the schedule. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Whether webhooks may use <c>http</c> as well as <c>https</c>. Default: false.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// Networks in CIDR form, for example <c>10.1.0.0/16</c>, that webhooks may reach besides public unicast addresses. Default: none.
    /// </summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>How long one attempt may take before it fails. Default: 10 seconds; range 100 ms to 1 minute.</summary>
    [SettingRange("Delivery:AttemptTimeout", "00:00:00.1", "00:01:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an attempt belongs to the replica that started it. After that, any replica may repeat it. It must be longer than
    /// <see cref="AttemptTimeout"/>. Default: 30 seconds; range 200 ms to 10 minutes.
    /// </summary>
    [SettingRange("Delivery:Lease", "00:00:00.2", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most attempts at once on this server. Others wait. Default: 1,024; range 1 to 10,000.</summary>
    [SettingRange("Delivery:Concurrency", 1, 10_000)]
    public int Concurrency { get; set; } = 1024;

    /// <summary>The most attempts at once on this server for one organization. Others wait. Default: 128; range 1 to 10,000.</summary>
    [SettingRange("Delivery:OrganizationConcurrency", 1, 10_000)]
    public int OrganizationConcurrency { get; set; } = 128;

    /// <summary>
    /// The most attempts at once on this server for one organization at one endpoint. While the endpoint is down, the most is one.
    /// Default: 8; range 1 to 1,000.
    /// </summary>
    [SettingRange("Delivery:EndpointConcurrency", 1, 1000)]
    public int EndpointConcurrency { get; set; } = 8;

    /// <summary>
    /// How often this server reads the whole schedule. What its own commits change, it reads at once. Default: 5 seconds; range 10 ms to
    /// 1 minute.
    /// </summary>
    [SettingRange("Delivery:PollInterval", "00:00:00.01", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Lease <= AttemptTimeout)
        {
            yield return new ValidationResult(
                "Delivery:Lease must be longer than Delivery:AttemptTimeout; otherwise a replica would repeat an attempt that still "
                    + "runs.");
        }

        foreach (var network in AllowedNetworks.Where(network => !System.Net.IPNetwork.TryParse(network, out _)))
        {
            yield return new ValidationResult(
                $"Delivery:AllowedNetworks contains '{network}', which is not a network. Use the CIDR form, like 10.1.0.0/16.");
        }
    }
}
