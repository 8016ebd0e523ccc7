using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Sending;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Checks the settings by the attributes of their options types. A source generator writes it, because reflection would slow each start
/// down.
/// </summary>
[OptionsValidator]
internal sealed partial class SettingsValidator :
    IValidateOptions<StorageOptions>,
    IValidateOptions<MetricOptions>,
    IValidateOptions<WatchOptions>,
    IValidateOptions<DeliveryOptions>,
    IValidateOptions<WorkOptions>,
    IValidateOptions<SmtpOptions>,
    IValidateOptions<LimitOptions>,
    IValidateOptions<IdentityOptions>;
