using System.Runtime.CompilerServices;

namespace TaskGrpc.Client;

/// <summary>
/// A list that reads its pages as the enumeration needs them: `await foreach` over it gives the items, over <see cref="AsPages"/> the
/// pages. Each enumeration begins anew.
/// </summary>
/// <typeparam name="T">What is listed.</typeparam>
public sealed class ResourceList<T> : IAsyncEnumerable<T>
{
    private readonly Func<string?, CancellationToken, Task<ResourcePage<T>>> _read;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Makes a list of pages that a method reads; a test's client returns one.</summary>
    /// <param name="read">Reads the page that begins at a token; null: the first page.</param>
    /// <param name="cancellationToken">Ends every enumeration of this list.</param>
    /// <exception cref="ArgumentNullException"><paramref name="read"/> is null.</exception>
    public ResourceList(Func<string?, CancellationToken, Task<ResourcePage<T>>> read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        (_read, _cancellationToken) = (read, cancellationToken);
    }

    /// <summary>Makes a list of one page, for a test's client.</summary>
    /// <param name="items">The items.</param>
    /// <exception cref="ArgumentNullException"><paramref name="items"/> is null.</exception>
    public ResourceList(IReadOnlyList<T> items)
        : this((_, _) => Task.FromResult(new ResourcePage<T>(items))) => ArgumentNullException.ThrowIfNull(items);

    /// <summary>
    /// The list page by page, so that a program can store <see cref="ResourcePage{T}.NextPageToken"/> and continue there later.
    /// </summary>
    /// <param name="pageToken">
    /// The <see cref="ResourcePage{T}.NextPageToken"/> of a page of a list with the same filter and order. Null: from the beginning.
    /// </param>
    /// <returns>The pages, at least one. A page may be empty.</returns>
    public IAsyncEnumerable<ResourcePage<T>> AsPages(string? pageToken = null) => PagesAsync(pageToken, _cancellationToken);

    /// <summary>Enumerates the items of all pages.</summary>
    /// <param name="cancellationToken">Ends this enumeration.</param>
    /// <returns>The enumerator.</returns>
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        ItemsAsync(_cancellationToken).GetAsyncEnumerator(cancellationToken);

    private async IAsyncEnumerable<T> ItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(pageToken: null, cancellationToken).ConfigureAwait(false))
        {
            foreach (var item in page.Items)
            {
                yield return item;
            }
        }
    }

    private async IAsyncEnumerable<ResourcePage<T>> PagesAsync(
        string? pageToken, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            var page = await _read(pageToken, cancellationToken).ConfigureAwait(false);
            yield return page;
            pageToken = page.NextPageToken;
        }
        while (pageToken is not null);
    }
}
