namespace TaskGrpc.Server.Storage;

/// <summary>What a store that several replicas share does for each of them because the others write too.</summary>
internal abstract class SharedStore
{
    /// <summary>The epoch in which this replica last read or wrote an organization's log; null if it has done neither.</summary>
    public abstract Guid? EpochOf(string organizationId);

    /// <summary>
    /// Reads where logs stand. One that no longer reaches as far as this replica has seen is given a new epoch, by the first replica that
    /// notices. Not thread-safe, nor beside <see cref="WriteAsync"/>.
    /// </summary>
    /// <param name="shown">The organizations, each with how far watches of this replica have been shown its log.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="System.Data.Common.DbException">The database does not answer, or would refuse a commit.</exception>
    public abstract Task<IReadOnlyDictionary<string, LogHead>> HeadsAsync(
        IReadOnlyCollection<(string OrganizationId, LogHead Head)> shown, CancellationToken cancellationToken);

    /// <summary>Writes something of the size of a large change and takes it back.</summary>
    /// <exception cref="System.Data.Common.DbException">There is no room for it.</exception>
    public abstract Task WriteAsync(CancellationToken cancellationToken);

    /// <summary>Listens for other replicas' hints until the connection is lost, which an exception tells, or let go of.</summary>
    /// <param name="heard">Called with the organizations of each hint.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public abstract Task ListenAsync(Action<IReadOnlyList<string>> heard, CancellationToken cancellationToken);

    /// <summary>Hints to other replicas that these organizations have changed. A hint may be lost. Not thread-safe.</summary>
    public abstract Task HintAsync(IEnumerable<string> organizations, CancellationToken cancellationToken);
}
