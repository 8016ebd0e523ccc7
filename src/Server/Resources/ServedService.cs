using Grpc.Core;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace TaskGrpc.Server.Resources;

/// <summary>A service of the contract, with the generated code that adds its calls to a binder.</summary>
internal sealed record ServedService(ServiceDescriptor Descriptor, Action<ServiceBinderBase> Bind);
