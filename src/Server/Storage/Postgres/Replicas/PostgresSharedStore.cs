namespace TaskGrpc.Server.Storage.Postgres.Replicas;

/// <summary>A replica's way to the others: by the heads of the logs in the database, and by LISTEN and NOTIFY.</summary>
internal sealed class PostgresSharedStore : SharedStore, IDisposable
{
    private readonly HeadReads _heads;
    private readonly HintChannel _hints;

    public PostgresSharedStore(PostgresStore store) => (_heads, _hints) = (new HeadReads(store, Seen), new HintChannel(store));

    /// <summary>What this replica knows of each log's end.</summary>
    public SeenHeads Seen { get; } = new();

    public override Guid? EpochOf(string organizationId) => Seen.EpochOf(organizationId);

    public override Task<IReadOnlyDictionary<string, LogHead>> HeadsAsync(
        IReadOnlyCollection<(string OrganizationId, LogHead Head)> shown, CancellationToken cancellationToken) =>
        _heads.ReadAsync(shown, cancellationToken);

    public override Task WriteAsync(CancellationToken cancellationToken) => _heads.WriteAsync(cancellationToken);

    public override Task ListenAsync(Action<IReadOnlyList<string>> heard, CancellationToken cancellationToken) =>
        _hints.ListenAsync(heard, cancellationToken);

    public override Task HintAsync(IEnumerable<string> organizations, CancellationToken cancellationToken) =>
        _hints.SendAsync(organizations, cancellationToken);

    public void Dispose()
    {
        _heads.Dispose();
        _hints.Dispose();
    }
}
