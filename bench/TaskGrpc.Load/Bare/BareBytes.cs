using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace TaskGrpc.Load.Bare;

/// <summary>The calls that answer with stored bytes.</summary>
internal sealed class BareBytes(BareHub hub, IServiceProvider services) : BareBytesBase
{
    private readonly Lazy<BareStore> _store = new(() => (BareStore)services.GetService(typeof(BareStore))!);

    public override async Task Blast(Empty request, IServerStreamWriter<byte[]> stream, ServerCallContext context)
    {
        var bytes = BareHub.EventOf(Tasks.New(new Random(1)));
        for (var written = 0; !context.CancellationToken.IsCancellationRequested; written++)
        {
            await stream.WriteAsync(bytes);
            if (written % 256 == 0)
            {
                // A write to an ended stream completes at once: without the yield no other code would run to cancel the call.
                await Task.Yield();
            }
        }
    }

    public override async Task Follow(Empty request, IServerStreamWriter<byte[]> stream, ServerCallContext context)
    {
        var reader = hub.Join();
        try
        {
            await context.WriteResponseHeadersAsync([]);
            await foreach (var bytes in reader.Reader.ReadAllAsync(context.CancellationToken))
            {
                await stream.WriteAsync(bytes);
            }
        }
        finally
        {
            hub.Leave(reader);
        }
    }

    public override Task<byte[]> List(BareListRequest request, ServerCallContext context) => Task.FromResult(_store.Value.List(request));
}
