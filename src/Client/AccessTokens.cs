using Grpc.Core;

namespace TaskGrpc.Client;

/// <summary>Asks the program's provider for a bearer token at each attempt of a call and each connection of a watch.</summary>
internal static class AccessTokens
{
    public const string Provider = $"{nameof(TaskGrpcClientOptions)}.{nameof(TaskGrpcClientOptions.AccessToken)}";

    /// <param name="provider">The program's provider.</param>
    /// <param name="limit">Ends the wait; the provider gets it too.</param>
    /// <exception cref="OperationCanceledException"><paramref name="limit"/> was cancelled.</exception>
    /// <exception cref="RpcException">UNAUTHENTICATED: the provider failed, or returned no token.</exception>
    public static async Task<string> GetAsync(Func<CancellationToken, ValueTask<string>> provider, CancellationToken limit)
    {
        string? token;
        try
        {
            // On the thread pool: an awaiting provider must not need the thread of a caller that blocks on this call, and a blocking
            // provider must not hold that thread.
            token = await Task.Run(() => provider(limit).AsTask(), limit).WaitAsync(limit).ConfigureAwait(false);
        }
        catch (Exception exception) when (!limit.IsCancellationRequested)
        {
            throw Failure($"{Provider} failed: {exception.GetType().Name}: {exception.Message}", exception);
        }

        if (string.IsNullOrWhiteSpace(token))
        {
            var what = token is null ? "null" : "an empty token";
            throw Failure($"{Provider} returned {what}. Return the bearer token, without 'Bearer', or throw.", null);
        }

        return token.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            ? token
            : throw Failure($"{Provider} returned a token with white space or letters outside ASCII, which no header can carry.", null);
    }

    private static RpcException Failure(string detail, Exception? cause) =>
        new(new Status(StatusCode.Unauthenticated, detail, new AccessTokenException(detail, cause)));

    /// <summary>Marks a failure of the provider, not of the server.</summary>
    internal sealed class AccessTokenException(string message, Exception? inner) : Exception(message, inner);
}
