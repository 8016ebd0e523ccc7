using Grpc.Core;
using TaskGrpc.Client;
using TaskGrpc.V1;

namespace TaskGrpc.TestKit;

/// <summary>An open watch under test. Every wait has a limit.</summary>
public sealed class WatchProbe : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly AsyncServerStreamingCall<WatchResponse> _call;

    private WatchProbe(AsyncServerStreamingCall<WatchResponse> call) => _call = call;

    public List<WatchResponse> Messages { get; } = [];

    public IEnumerable<WatchEvent> Events => Messages.SelectMany(message => message.Events);

    public WatchResponse Last => Messages[^1];

    /// <summary>Opens a watch and waits for its first message.</summary>
    public static async Task<WatchProbe> OpenAsync(
        TaskGrpcClient client, WatchRequest? request = null, CancellationToken cancellationToken = default)
    {
        var probe = new WatchProbe(client.Changes.Watch(request ?? new WatchRequest(), cancellationToken: cancellationToken));
        await probe.NextAsync();
        return probe;
    }

    public async Task<WatchResponse> NextAsync()
    {
        if (!await _call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Limit))
        {
            throw new InvalidOperationException("The watch has ended with OK.");
        }

        Messages.Add(_call.ResponseStream.Current);
        return Last;
    }

    /// <summary>Reads until the watch has reached a revision.</summary>
    public async Task UntilAsync(long revision)
    {
        while (Last.Revision < revision)
        {
            await NextAsync();
        }
    }

    /// <summary>Reads until the given number of events has arrived.</summary>
    public async Task UntilCountAsync(int events)
    {
        while (Events.Count() < events)
        {
            await NextAsync();
        }
    }

    /// <summary>Reads until the server ends the watch; returns if the status is OK.</summary>
    public async Task UntilEndAsync()
    {
        while (await _call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Limit))
        {
            Messages.Add(_call.ResponseStream.Current);
        }
    }

    public void Dispose() => _call.Dispose();
}
