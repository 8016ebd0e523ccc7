using TaskGrpc.Server.Storage.Sql;

namespace TaskGrpc.Server.Storage.Postgres;

/// <summary>
/// Has the database end a connection's list when a token is cancelled. A list that is about to begin does not begin: the cancellation
/// found nothing to end, and the list would run until the statement timeout.
/// </summary>
internal sealed class PostgresInterrupt : IDisposable
{
    private readonly ListStatements _lists;
    private readonly CancellationTokenRegistration _registration;

    public PostgresInterrupt(ListStatements lists, CancellationToken cancellationToken)
    {
        _lists = lists;
        lists.Until(cancellationToken);
        _registration = cancellationToken.UnsafeRegister(static lists => ((ListStatements)lists!).Cancel(), lists);
    }

    public void Dispose()
    {
        // Waits for a cancellation under way, which so cannot end a later read.
        _registration.Dispose();
        _lists.Until(default);
    }
}
