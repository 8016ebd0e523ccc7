using Grpc.Core;
using Grpc.Net.Client;

namespace TaskGrpc.Load.Runs;

/// <summary>Open streams with a count of their events.</summary>
internal sealed class Watchers : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _reading = [];
    private long _received;

    /// <summary>The number of events that all of them have received together.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Opens streams whose first message comes at once.</summary>
    public static async Task<Watchers> OpenAsync<TRequest>(
        GrpcChannel channel, int count, Method<TRequest, EventCount> method, TRequest request, CallOptions options = default)
        where TRequest : class
    {
        var watchers = new Watchers();
        for (var i = 0; i < count; i++)
        {
            var call = channel.CreateCallInvoker()
                .AsyncServerStreamingCall(method, null, options.WithCancellationToken(watchers._stop.Token), request);
            await watchers.BeginAsync(call.ResponseStream);
        }

        return watchers;
    }

    /// <summary>Opens etcd watches over the keys that begin with 'k'.</summary>
    public static async Task<Watchers> OpenEtcdAsync(GrpcChannel channel, int count)
    {
        var watchers = new Watchers();
        var all = new Etcd.WatchRequest
        {
            CreateRequest = new Etcd.WatchCreateRequest
            {
                Key = Google.Protobuf.ByteString.CopyFromUtf8("k"),
                RangeEnd = Google.Protobuf.ByteString.CopyFromUtf8("l")
            }
        };
        for (var i = 0; i < count; i++)
        {
            var call = channel.CreateCallInvoker()
                .AsyncDuplexStreamingCall(Streams.Etcd, null, new CallOptions(cancellationToken: watchers._stop.Token));
            await call.RequestStream.WriteAsync(all);
            await watchers.BeginAsync(call.ResponseStream);
        }

        return watchers;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_reading);
        _stop.Dispose();
    }

    private async Task BeginAsync(IAsyncStreamReader<EventCount> stream)
    {
        await stream.MoveNext(CancellationToken.None);
        Interlocked.Add(ref _received, stream.Current.Events);
        _reading.Add(ReadAsync(stream));
    }

    private async Task ReadAsync(IAsyncStreamReader<EventCount> stream)
    {
        try
        {
            while (await stream.MoveNext(CancellationToken.None))
            {
                Interlocked.Add(ref _received, stream.Current.Events);
            }
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException && _stop.IsCancellationRequested)
        {
            // The turn has ended.
        }
    }
}
