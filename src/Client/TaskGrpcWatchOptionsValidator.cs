using Microsoft.Extensions.Options;

namespace TaskGrpc.Client;

/// <summary>The rules that the attributes of a watch's options state, written out by the compiler.</summary>
[OptionsValidator]
internal sealed partial class TaskGrpcWatchOptionsValidator : IValidateOptions<TaskGrpcWatchOptions>;
