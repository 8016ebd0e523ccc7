using Grpc.Core;
using Grpc.Reflection;
using Grpc.Reflection.V1;

namespace TaskGrpc.Server.Hosting;

/// <summary>Reflection v1, with the extensions of messages.</summary>
internal sealed class ReflectionV1Endpoint() : ReflectionV1ServiceImpl(ReflectionSymbols.ServiceNames, ReflectionSymbols.Registry)
{
    public override Task ServerReflectionInfo(IAsyncStreamReader<ServerReflectionRequest> requestStream, IServerStreamWriter<ServerReflectionResponse> responseStream, ServerCallContext context) =>
        base.ServerReflectionInfo(new ReflectionRequests<ServerReflectionRequest>(requestStream, request => AnswerAsync(request, responseStream)), responseStream, context);

    private static async Task<bool> AnswerAsync(ServerReflectionRequest request, IServerStreamWriter<ServerReflectionResponse> responses)
    {
        if (request.MessageRequestCase != ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType)
        {
            return false;
        }

        var name = request.AllExtensionNumbersOfType;
        await responses.WriteAsync(ReflectionSymbols.IsMessage(name)
            ? new ServerReflectionResponse { AllExtensionNumbersResponse = new() { BaseTypeName = name, ExtensionNumber = { ReflectionSymbols.ExtensionNumbers(name) } } }
            : new ServerReflectionResponse { ErrorResponse = new() { ErrorCode = (int)StatusCode.NotFound, ErrorMessage = "There is no such message." } });
        return true;
    }
}
