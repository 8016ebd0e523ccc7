using System.Runtime.CompilerServices;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>Shorter ways to read a watch.</summary>
public static class TaskGrpcWatchExtensions
{
    /// <summary>
    /// The events of a watch one by one, each with the token that resumes the watch after it (<see cref="ResumableEvent.ResumeToken"/>).
    /// Messages without events do not appear: a program that wants their newer tokens or the end of a snapshot reads the messages.
    /// </summary>
    /// <param name="messages">A watch.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The events in order.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> is null.</exception>
    public static IAsyncEnumerable<ResumableEvent> Events(
        this IAsyncEnumerable<WatchResponse> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return FlattenAsync(messages, cancellationToken);
    }

    private static async IAsyncEnumerable<ResumableEvent> FlattenAsync(
        IAsyncEnumerable<WatchResponse> messages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var message in messages.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < message.Events.Count; i++)
            {
                // A token covers all events of its message. With an earlier event it would lose those that follow.
                var isWhole = i == message.Events.Count - 1 && message.ResumeToken.Length > 0;
                yield return new ResumableEvent(message.Events[i], isWhole ? message.ResumeToken : null);
            }
        }
    }
}
