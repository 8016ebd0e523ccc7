using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Reading;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>
/// Writes changes to one stream in messages that keep revisions whole. Everything that is ready goes into one message, and a message
/// reports as progress only what has been sent up to its end.
/// </summary>
/// <param name="sink">Where the messages go.</param>
/// <param name="organizationId">The organization of the changes.</param>
/// <param name="writeTimeout">How long a reader may accept nothing.</param>
/// <param name="time">The clock.</param>
internal sealed class WatchWriter(IWatchSink sink, string organizationId, TimeSpan writeTimeout, TimeProvider time)
{
    /// <summary>A message of this size is sent, even if more is ready.</summary>
    private const int ComfortableBytes = 64 * 1024;

    /// <summary>A single revision that is larger than this comes in several messages.</summary>
    private const int MostBytes = 2 * 1024 * 1024;

    private readonly WatchFrame _frame = new();
    private readonly OrganizationStamp _organization = new(organizationId);
    private long _revision;

    /// <summary>The history that the tokens belong to.</summary>
    public Guid Epoch { get; init; }

    /// <summary>Whether something waits to be sent.</summary>
    public bool HasPending => _frame.Count > 0;

    /// <summary>Adds a change of a page. First sends what must not share a message with it.</summary>
    public ValueTask AddAsync(List<LoggedChange> page, int index, FilterMatch match, CancellationToken cancellationToken)
    {
        var change = page[index];
        var begins = change.Revision != _revision;
        _revision = change.Revision;
        // A revision joins a message only if all of it fits, so that only its own size can split it.
        var isFull = HasPending && (begins
            ? _frame.Size >= ComfortableBytes || RestOfRevision(page, index) > MostBytes - _frame.Size
            : change.Body.Length > MostBytes - _frame.Size);
        if (isFull)
        {
            return SendFirstAsync(begins, change, match, cancellationToken);
        }

        // The common case waits for nothing, so it allocates nothing for a wait.
        _frame.Add(change.Body, match);
        return ValueTask.CompletedTask;
    }

    /// <summary>Adds a state of the snapshot. Only the message that completes the snapshot reports its revision.</summary>
    public async ValueTask AddSnapshotAsync(byte[] state, CancellationToken cancellationToken)
    {
        if (HasPending && (_frame.Size >= ComfortableBytes || _frame.Size + state.Length > MostBytes))
        {
            await SendPartAsync(cancellationToken);
        }

        _frame.Add(state, FilterMatch.Entered);
    }

    /// <summary>Marks the next message as the one that completes the snapshot.</summary>
    public void CompletesSnapshot() => _frame.SnapshotComplete = true;

    /// <summary>Sends what is pending, or a message without events, and reports progress up to a revision.</summary>
    public async ValueTask SendAsync(long revision, CancellationToken cancellationToken)
    {
        _frame.Revision = revision;
        _frame.Token = new ResumeToken(_organization, Epoch, revision);
        await SendPartAsync(cancellationToken);
    }

    /// <summary>Sends what is pending, or a message without events, without reporting progress.</summary>
    /// <exception cref="Fault">SLOW_READER: the reader accepted nothing for the write timeout.</exception>
    public async ValueTask SendPartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var write = sink.WriteAsync(_frame);
        if (!write.IsCompletedSuccessfully)
        {
            try
            {
                await write.WaitAsync(writeTimeout, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw new Fault(ErrorReason.SlowReader,
                    "The reader of this watch accepted nothing for too long. Resume with the last token and read faster, or narrow the "
                    + "watch.");
            }
            finally
            {
                await EndAsync(write);
            }
        }

        _frame.Clear();
    }

    /// <summary>Ends a write after a timeout or a cancellation, and awaits it. The reader still receives what was buffered.</summary>
    private async ValueTask EndAsync(Task write)
    {
        if (!write.IsCompleted)
        {
            sink.EndPendingWrite();
            await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask SendFirstAsync(bool begins, LoggedChange change, FilterMatch match, CancellationToken cancellationToken)
    {
        await (begins ? SendAsync(change.Revision - 1, cancellationToken) : SendPartAsync(cancellationToken));
        _frame.Add(change.Body, match);
    }

    /// <summary>The bytes of a revision from one of its changes on; long.MaxValue if it goes on beyond the page.</summary>
    private static long RestOfRevision(List<LoggedChange> page, int index)
    {
        var (size, revision) = (0L, page[index].Revision);
        for (var i = index; i < page.Count && page[i].Revision == revision; i++)
        {
            size += page[i].Body.Length;
        }

        return page[^1].Revision == revision && page[^1].Remaining > 0 ? long.MaxValue : size;
    }
}
