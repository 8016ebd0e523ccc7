using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace TaskGrpc.Load.Bare;

/// <summary>The calls that answer with bytes as they are.</summary>
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
                // Writes to a stream that has ended complete at once: without this nobody would get to tell that it has.
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
