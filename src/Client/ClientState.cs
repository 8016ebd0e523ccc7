using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace TaskGrpc.Client;

/// <summary>What all calls and watches of one client share.</summary>
/// <param name="options">Valid options, a copy that nothing else changes.</param>
/// <param name="logger">Gets one warning for each outage.</param>
/// <param name="closing">Cancelled when the client is disposed.</param>
internal sealed class ClientState(TaskGrpcClientOptions options, ILogger logger, CancellationToken closing)
{
    public TaskGrpcClientOptions Options { get; } = options;

    public Uri Address { get; } = options.Address!;

    public Outage Outage { get; } = new(options.Address!, logger, options.TimeProvider);

    /// <summary>Cancelled when the client is disposed.</summary>
    public CancellationToken Closing { get; } = closing;

    public static Metadata Copy(IEnumerable<Metadata.Entry> entries)
    {
        var copy = new Metadata();
        foreach (var entry in entries)
        {
            copy.Add(entry);
        }

        return copy;
    }

    /// <summary>How long to wait after a number of failures in a row: at least as long as the server asks.</summary>
    public TimeSpan Backoff(int failures, TimeSpan? asked)
    {
        // Between half and the whole, so that callers that failed together do not repeat together.
        var grown = Options.InitialBackoff.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 30));
        var longest = Math.Min(Options.MaxBackoff.TotalMilliseconds, grown);
        var delay = TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
        return asked > DurationAttribute.Longest ? DurationAttribute.Longest : asked > delay ? asked.Value : delay;
    }

    /// <summary>Waits.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled, or the client was disposed.</exception>
    public async Task PauseAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Closing);
        try
        {
            await Task.Delay(delay, Options.TimeProvider, waiting.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // With the caller's own token, not the linked one.
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>The exception of a call that this program ended itself; null if it did not.</summary>
    /// <param name="site">The call.</param>
    /// <param name="cause">How the call ended.</param>
    /// <param name="isDisposed">Whether the call itself was disposed.</param>
    /// <param name="caller">The caller's token.</param>
    public OperationCanceledException? Cancellation(CallSite site, Exception cause, bool isDisposed, CancellationToken caller)
    {
        if (caller.IsCancellationRequested)
        {
            return site.Cancelled("was cancelled", cause, caller);
        }

        return Closing.IsCancellationRequested ? site.Cancelled("ended because its TaskGrpcClient was disposed", cause, Closing)
            : isDisposed ? site.Cancelled("was disposed by its caller", cause, CancellationToken.None)
            : null;
    }

    /// <summary>The client's metadata and those of a call, which win.</summary>
    public Metadata Merge(Metadata? own)
    {
        if (own is not { Count: > 0 })
        {
            return Options.Metadata;
        }

        return Copy(own.Concat(Options.Metadata.Where(entry => own.Get(entry.Key) is null)));
    }

    /// <summary>Whether a call with this metadata needs a token from the provider.</summary>
    public bool NeedsToken(Metadata headers) => Options.AccessToken is not null && headers.Get("authorization") is null;

    /// <summary>The metadata with a token from the provider.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="limit"/> was cancelled.</exception>
    /// <exception cref="RpcException">The provider gave none.</exception>
    public async Task<Metadata> WithTokenAsync(Metadata headers, CancellationToken limit)
    {
        var token = await AccessTokens.GetAsync(Options.AccessToken!, limit).ConfigureAwait(false);
        var all = Copy(headers);
        all.Add("authorization", "Bearer " + token);
        return all;
    }
}
