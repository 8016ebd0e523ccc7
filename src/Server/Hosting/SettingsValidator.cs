using Microsoft.Extensions.Options;
using TaskGrpc.Server.Calls.Identity;
using TaskGrpc.Server.Calls.Limits;
using TaskGrpc.Server.Resources.Deliveries;
using TaskGrpc.Server.Sending;
using TaskGrpc.Server.Storage;
using TaskGrpc.Server.Watching;

namespace TaskGrpc.Server.Hosting;

/// <summary>
/// Checks the settings by what the attributes of their options types say. The compiler writes it: by reflection it would be part of each
/// start.
/// </summary>
[OptionsValidator]
internal sealed partial class SettingsValidator :
    IValidateOptions<StorageOptions>,
    IValidateOptions<WatchOptions>,
    IValidateOptions<DeliveryOptions>,
    IValidateOptions<SmtpOptions>,
    IValidateOptions<LimitOptions>,
    IValidateOptions<IdentityOptions>;
