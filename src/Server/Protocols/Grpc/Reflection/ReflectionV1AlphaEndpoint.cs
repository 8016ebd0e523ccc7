using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection;
using Grpc.Reflection.V1Alpha;
using Answer = Grpc.Reflection.V1.ServerReflectionResponse;
using Question = Grpc.Reflection.V1.ServerReflectionRequest;

namespace TaskGrpc.Server.Protocols.Grpc.Reflection;

/// <summary>Reflection v1alpha, answered by v1: the messages have other names but the same bytes.</summary>
internal sealed class ReflectionV1AlphaEndpoint(ReflectionV1ServiceImpl v1) : ReflectionServiceImpl([], SymbolRegistry.FromFiles([]))
{
    public override Task ServerReflectionInfo(IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream, ServerCallContext context) =>
        v1.ServerReflectionInfo(new Requests(requestStream), new Responses(responseStream), context);

    private sealed class Requests(IAsyncStreamReader<ServerReflectionRequest> alpha) : IAsyncStreamReader<Question>
    {
        public Question Current { get; private set; } = new();

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            var isThere = await alpha.MoveNext(cancellationToken);
            Current = isThere ? Question.Parser.ParseFrom(alpha.Current.ToByteArray()) : Current;
            return isThere;
        }
    }

    private sealed class Responses(IServerStreamWriter<ServerReflectionResponse> alpha) : IServerStreamWriter<Answer>
    {
        public WriteOptions? WriteOptions
        {
            get => alpha.WriteOptions;
            set => alpha.WriteOptions = value;
        }

        public Task WriteAsync(Answer message) =>
            alpha.WriteAsync(ServerReflectionResponse.Parser.ParseFrom(message.ToByteArray()));
    }
}
