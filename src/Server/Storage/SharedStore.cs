namespace TaskGrpc.Server.Storage;

/// <summary>What a replica needs from a store that other replicas write to as well.</summary>
internal abstract class SharedStore
{
    /// <summary>The epoch of an organization's log when this replica last read or wrote it; null if it did neither.</summary>
    public abstract Guid? EpochOf(string organizationId);

    /// <summary>
    /// Reads the heads of logs. If a log ends before the last revision that this replica has seen, the first replica that notices gives
    /// it a new epoch. Not thread-safe, and not beside <see cref="WriteAsync"/>.
    /// </summary>
    /// <param name="shown">The organizations, each with the head up to which the watches of this replica have read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="System.Data.Common.DbException">The database does not answer, or would refuse a commit.</exception>
    public abstract Task<IReadOnlyDictionary<string, LogHead>> HeadsAsync(
        IReadOnlyCollection<(string OrganizationId, LogHead Head)> shown, CancellationToken cancellationToken);

    /// <summary>Writes as many bytes as a large change has, and rolls back.</summary>
    /// <exception cref="System.Data.Common.DbException">The database has no room for them.</exception>
    public abstract Task WriteAsync(CancellationToken cancellationToken);

    /// <summary>Receives hints of other replicas. Throws if the connection is lost; returns if the store discards it.</summary>
    /// <param name="heard">Receives the organizations of each hint.</param>
    /// <param name="cancellationToken">Ends the listening.</param>
    public abstract Task ListenAsync(Action<IReadOnlyList<string>> heard, CancellationToken cancellationToken);

    /// <summary>Sends other replicas a hint that these organizations have changed. A hint may be lost. Not thread-safe.</summary>
    public abstract Task HintAsync(IEnumerable<string> organizations, CancellationToken cancellationToken);
}
