using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>One event of a watch, with the token that resumes the watch right after it, if there is one.</summary>
/// <param name="Event">The event as the server sent it.</param>
/// <param name="ResumeToken">
/// Store it once this event and all before it are processed: a watch that starts with it neither loses nor repeats an event. Null where no
/// such place exists: a token belongs to a whole message, so only the last event of a message carries it, and no event of a snapshot or of
/// a revision of more than 2 MiB before its end does. Keep the last token that was not null.
/// </param>
public readonly record struct ResumableEvent(WatchEvent Event, string? ResumeToken = null)
{
    /// <summary>The change.</summary>
    public Change Change => Event.Change;

    /// <summary>How the resource matches the filter after the change.</summary>
    public FilterMatch Match => Event.Match;
}
