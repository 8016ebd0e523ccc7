using Grpc.Core;
using Grpc.Reflection.V1;

namespace TaskGrpc.Server.Protocols.Grpc.Reflection;

/// <summary>
/// Answers the requests that Grpc.Reflection does not implement, and passes the others on, rewritten if necessary. grpcurl requests a
/// message's extensions before it prints an error detail, and prints base64 without an answer.
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
