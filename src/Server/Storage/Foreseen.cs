namespace TaskGrpc.Server.Storage;

/// <summary>What a transaction will read, as far as its commands show. PostgreSQL reads all of it in one round trip.</summary>
/// <param name="Requests">The request ids that the transaction will look up.</param>
/// <param name="Resources">The resources that the transaction will look up.</param>
internal readonly record struct Foreseen(IEnumerable<Guid> Requests, IEnumerable<(Type Row, Guid Id)> Resources)
{
    public static Foreseen Nothing { get; } = new([], []);
}
