using Grpc.Core;
using Grpc.Reflection;
using Grpc.Reflection.V1;

namespace TaskGrpc.Server.Protocols.Grpc.Reflection;

/// <summary>Reflection v1 with extensions and all symbols of the files.</summary>
internal sealed class ReflectionV1Endpoint() : ReflectionV1ServiceImpl(ReflectionSymbols.ServiceNames, ReflectionSymbols.Registry)
{
    public override Task ServerReflectionInfo(IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream, ServerCallContext context) =>
        base.ServerReflectionInfo(
            new ReflectionRequests(requestStream, request => AnswerAsync(request, responseStream)), responseStream, context);

    /// <summary>
    /// Answers what Grpc.Reflection does not implement, and rewrites a look-up of a symbol or an extension to one of its file. True if the
    /// request is answered.
    /// </summary>
    private static async Task<bool> AnswerAsync(ServerReflectionRequest request, IServerStreamWriter<ServerReflectionResponse> responses)
    {
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                if (ReflectionSymbols.FileOf(request.FileContainingSymbol) is { } file)
                {
                    request.FileByFilename = file;
                }

                return false;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                var extension = request.FileContainingExtension;
                if (ReflectionSymbols.FileOf(extension.ContainingType, extension.ExtensionNumber) is { } declaring)
                {
                    request.FileByFilename = declaring;
                    return false;
                }

                await responses.WriteAsync(NotFound("There is no such extension."));
                return true;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                var name = request.AllExtensionNumbersOfType;
                var numbers =
                    new ExtensionNumberResponse { BaseTypeName = name, ExtensionNumber = { ReflectionSymbols.ExtensionNumbers(name) } };
                await responses.WriteAsync(ReflectionSymbols.IsMessage(name)
                    ? new ServerReflectionResponse { AllExtensionNumbersResponse = numbers }
                    : NotFound("There is no such message."));
                return true;
            default:
                return false;
        }
    }

    private static ServerReflectionResponse NotFound(string message) =>
        new() { ErrorResponse = new() { ErrorCode = (int)StatusCode.NotFound, ErrorMessage = message } };
}
