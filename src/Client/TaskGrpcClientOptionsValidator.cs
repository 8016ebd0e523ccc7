using Microsoft.Extensions.Options;

namespace TaskGrpc.Client;

/// <summary>
/// The rules that the attributes of the client's options state, written out by the compiler: nothing looks for them at run time, so
/// trimming keeps them.
/// </summary>
[OptionsValidator]
internal sealed partial class TaskGrpcClientOptionsValidator : IValidateOptions<TaskGrpcClientOptions>;
