using Grpc.Core;
using Grpc.Reflection.V1;

namespace TaskGrpc.Server.Protocols.Grpc.Reflection;

/// <summary>
/// Answers the requests that Grpc.Reflection does not implement, and passes the others on, rewritten if necessary. Before grpcurl prints
/// an error detail, it requests the message's extensions. If it gets no answer, it prints base64.
/// </summary>
internal sealed class ReflectionRequests(
    IAsyncStreamReader<ServerReflectionRequest> inner, Func<ServerReflectionRequest, Task<bool>> answer)
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
