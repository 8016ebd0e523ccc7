using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using TaskGrpc.Server.Calls;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;

namespace TaskGrpc.Server.Protocols.Grpc;

/// <summary>
/// Binds every call of the table. All calls share the types <see cref="IMessage"/> and <see cref="Answer"/>, so that the framework's
/// generic code is compiled once and not for each call.
/// </summary>
internal sealed class GrpcBinding(CallTable calls) : IServiceMethodProvider<GrpcCalls>
{
    private static readonly Marshaller<Answer> Answers = Marshallers.Create(
        static (answer, context) =>
        {
            context.SetPayloadLength(answer.CalculateSize());
            answer.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        static Answer (DeserializationContext _) => throw new NotSupportedException("A server reads no answers."));

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<GrpcCalls> context)
    {
        foreach (var served in calls.All)
        {
            var method = new Method<IMessage, Answer>(
                served.Method.Type, served.Method.ServiceName, served.Method.Name, RequestsOf(served), Answers);
            List<object> metadata = [new HttpMethodMetadata(["POST"], acceptCorsPreflight: true)];
            if (served.Handler.Stream is null)
            {
                context.AddUnaryMethod(method, metadata, (service, request, call) => service.AnswerAsync(served, request, call));
            }
            else
            {
                context.AddServerStreamingMethod(
                    method, metadata, (service, request, stream, call) => service.StreamAsync(served, request, stream, call));
            }
        }
    }

    private static Marshaller<IMessage> RequestsOf(ServedCall served) => Marshallers.Create(
        static void (IMessage _, SerializationContext _) => throw new NotSupportedException("A server sends no requests."),
        context =>
        {
            try
            {
                return served.Read(context.PayloadAsReadOnlySequence());
            }
            catch (Fault fault)
            {
                // The framework parses requests before it calls our code, and would answer UNKNOWN and log an error.
                throw FaultStatus.Of(fault).ToRpcException();
            }
        });
}
