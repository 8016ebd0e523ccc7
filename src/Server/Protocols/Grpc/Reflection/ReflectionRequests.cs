using Grpc.Core;
using Grpc.Reflection.V1;

namespace TaskGrpc.Server.Protocols.Grpc.Reflection;

/// <summary>
/// Answers, ahead of Grpc.Reflection, the requests that it leaves unimplemented, and hands it the others, changed where it needs that. grpcurl asks for a
/// message's extensions before it prints an error detail, and prints base64 where it gets no answer.
/// </summary>
internal sealed class ReflectionRequests(IAsyncStreamReader<ServerReflectionRequest> inner, Func<ServerReflectionRequest, Task<bool>> answer)
    : IAsyncStreamReader<ServerReflectionRequest>
{
    public ServerReflectionRequest Current => inner.Current;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        while (await inner.MoveNext(cancellationToken))
        {
            if (!await answer(inner.Current))
            {
                return true;
            }
        }

        return false;
    }
}
