namespace TaskGrpc.Server.Storage.Postgres.Replicas;

/// <summary>Learns what other replicas commit, from the logs' heads in the database and by LISTEN and NOTIFY.</summary>
internal sealed class PostgresSharedStore : SharedStore, IDisposable
{
    private readonly HeadReads _heads;
    private readonly HintChannel _hints;

    public PostgresSharedStore(PostgresStore store) => (_heads, _hints) = (new HeadReads(store, Seen), new HintChannel(store));

    /// <summary>The head of each log as this replica last saw it.</summary>
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
