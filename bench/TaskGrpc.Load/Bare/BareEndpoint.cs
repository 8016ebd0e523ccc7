using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Load.Bare;

/// <summary>The bare unary calls.</summary>
internal sealed class BareEndpoint(BareHub hub, IServiceProvider services) : BareService.BareServiceBase
{
    private readonly Lazy<BareStore> _store = new(() => (BareStore)services.GetService(typeof(BareStore))!);

    public override Task<AgentTask> Echo(AgentTask request, ServerCallContext context) => Task.FromResult(request);

    public override async Task<AgentTask> Append(AgentTask request, ServerCallContext context)
    {
        await _store.Value.AppendAsync(request.ToByteArray());
        return request;
    }

    public override Task<CommitRowsResponse> CommitRows(Duration request, ServerCallContext context) =>
        Task.FromResult(new CommitRowsResponse { Rows = _store.Value.CommitRows(request.ToTimeSpan()) });

    public override Task<Empty> Publish(AgentTask request, ServerCallContext context)
    {
        // First the caller's answer, then the readers, in the order of the server under test: the clock begins at the caller's answer.
        _ = Task.Run(() => hub.Publish(request));
        return Task.FromResult(new Empty());
    }
}
