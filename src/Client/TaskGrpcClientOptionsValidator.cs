using Microsoft.Extensions.Options;

namespace TaskGrpc.Client;

/// <summary>
/// The rules of the attributes of the client's options, as code that the compiler generates: nothing looks for the attributes at run time,
/// so trimming keeps the rules.
/// </summary>
[OptionsValidator]
internal sealed partial class TaskGrpcClientOptionsValidator : IValidateOptions<TaskGrpcClientOptions>;
