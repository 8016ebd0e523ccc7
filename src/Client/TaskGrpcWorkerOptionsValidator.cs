using Microsoft.Extensions.Options;

namespace TaskGrpc.Client;

/// <summary>The rules of the attributes of a worker's options, as code that the compiler generates.</summary>
[OptionsValidator]
internal sealed partial class TaskGrpcWorkerOptionsValidator : IValidateOptions<TaskGrpcWorkerOptions>;
