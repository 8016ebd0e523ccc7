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

    /// <summary>Opens watches over HTTP, as server-sent events.</summary>
    public static async Task<Watchers> OpenEventsAsync(HttpClient client, int count, string organization)
    {
        var watchers = new Watchers();
        for (var i = 0; i < count; i++)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/watch") { Headers = { { "x-organization-id", organization } } };
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watchers._stop.Token);
            var stream = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(watchers._stop.Token);
            watchers._reading.Add(watchers.ReadAsync(stream));
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

    /// <summary>Counts the events of a stream of JSON without parsing it.</summary>
    private async Task ReadAsync(Stream stream)
    {
        // Text in JSON has no bare quotes, so this stands only where an event begins.
        var begin = "{\"change\":"u8.ToArray();
        var (buffer, kept) = (new byte[64 * 1024], 0);
        try
        {
            while (await stream.ReadAsync(buffer.AsMemory(kept), _stop.Token) is var read and > 0)
            {
                var (filled, rest) = (kept + read, begin.Length - 1);
                Interlocked.Add(ref _received, buffer.AsSpan(0, filled).Count(begin));
                kept = Math.Min(rest, filled);
                buffer.AsSpan(filled - kept, kept).CopyTo(buffer);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException && _stop.IsCancellationRequested)
        {
            // The turn has ended.
        }
        finally
        {
            await stream.DisposeAsync();
        }
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
