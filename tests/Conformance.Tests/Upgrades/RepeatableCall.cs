using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using TaskGrpc.V1;

namespace TaskGrpc.Conformance.Tests.Upgrades;

/// <summary>A call with a request_id, and its first answer.</summary>
/// <param name="Method">The full name as in a path: <c>taskgrpc.v1.AgentTaskService/CreateAgentTask</c>.</param>
/// <param name="Request">The request's bytes.</param>
/// <param name="Answer">The answer's bytes.</param>
internal sealed record RepeatableCall(string Method, byte[] Request, byte[] Answer)
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    private static readonly FileDescriptor[] Contract =
    [
        AgentTaskReflection.Descriptor, BoardTaskReflection.Descriptor, MonitorTaskReflection.Descriptor, DeliveryReflection.Descriptor,
        FlowExecutionReflection.Descriptor, TaskExecutionReflection.Descriptor, SigningSecretReflection.Descriptor,
    ];

    public static RepeatableCall Of(MethodDescriptor method, IMessage request, IMessage answer) =>
        new($"{method.Service.FullName}/{method.Name}", request.ToByteArray(), answer.ToByteArray());

    /// <summary>Repeats the call with the same bytes, and reads both answers with this build's contract.</summary>
    public async Task<(IMessage First, IMessage Again)> RepeatAsync(GrpcChannel channel, Metadata caller)
    {
        var names = Method.Split('/');
        var method = new Method<byte[], byte[]>(MethodType.Unary, names[0], names[1], Bytes, Bytes);
        var again = await channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(caller), Request);
        var answers = Descriptor(names[0], names[1]).OutputType.Parser;
        return (answers.ParseFrom(Answer), answers.ParseFrom(again));
    }

    private static MethodDescriptor Descriptor(string service, string method) =>
        Contract.SelectMany(file => file.Services).Single(one => one.FullName == service).FindMethodByName(method);
}
