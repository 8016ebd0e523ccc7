namespace TaskGrpc.Client;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public sealed class ResourcePage<T>
{
    /// <summary>Makes a page; a test's client returns one.</summary>
    /// <param name="items">The items.</param>
    /// <param name="nextPageToken">Where the next page begins. Null or empty: this is the last page.</param>
    /// <param name="revision">The revision as of which the page was read.</param>
    /// <param name="resumeToken">A watch can continue from there. Null or empty: none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="items"/> is null.</exception>
    public ResourcePage(IReadOnlyList<T> items, string? nextPageToken = null, long revision = 0, string? resumeToken = null)
    {
        ArgumentNullException.ThrowIfNull(items);
        (Items, Revision) = (items, revision);
        NextPageToken = string.IsNullOrEmpty(nextPageToken) ? null : nextPageToken;
        ResumeToken = string.IsNullOrEmpty(resumeToken) ? null : resumeToken;
    }

    /// <summary>The items; a page may be short or empty although others follow.</summary>
    public IReadOnlyList<T> Items { get; }

    /// <summary>Where the next page begins; null on the last page.</summary>
    public string? NextPageToken { get; }

    /// <summary>
    /// A list of resources: the revision of the first page's moment. A list of changes: the revision up to which it is complete.
    /// </summary>
    public long Revision { get; }

    /// <summary>
    /// Starts a watch right after <see cref="Revision"/>: pass it as <c>WatchRequest.ResumeToken</c>, and no change between the list and
    /// the watch is lost. Null on a page of changes that is not the last.
    /// </summary>
    public string? ResumeToken { get; }
}
