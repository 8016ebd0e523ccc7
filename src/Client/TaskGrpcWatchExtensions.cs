using System.Runtime.CompilerServices;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>Shorter ways to read a watch.</summary>
public static class TaskGrpcWatchExtensions
{
    /// <summary>
    /// The events of a watch one by one, without the messages that bring them. A program that keeps its resume token across restarts of
    /// its own reads the messages instead, since the token belongs to whole messages.
    /// </summary>
    /// <param name="messages">A watch.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The events in order.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> is null.</exception>
    public static IAsyncEnumerable<WatchEvent> Events(this IAsyncEnumerable<WatchResponse> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return FlattenAsync(messages, cancellationToken);
    }

    private static async IAsyncEnumerable<WatchEvent> FlattenAsync(IAsyncEnumerable<WatchResponse> messages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var message in messages.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (var item in message.Events)
            {
                yield return item;
            }
        }
    }
}
