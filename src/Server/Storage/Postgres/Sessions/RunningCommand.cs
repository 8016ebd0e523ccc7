using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>Knows which query EF has under way on one connection, and has the database end it when nobody waits for it any more.</summary>
internal sealed class RunningCommand : DbCommandInterceptor
{
    private volatile DbCommand? _command;

    public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        _command = command;
        return result;
    }

    /// <summary>Ends what runs once the token is cancelled; what has only been about to begin ends by the statement timeout.</summary>
    public IDisposable InterruptWhen(CancellationToken cancellationToken)
    {
        _command = null;
        // The registration waits, when it is disposed of, for a cancellation under way, so that it cannot strike a later read.
        return cancellationToken.UnsafeRegister(static self => ((RunningCommand)self!)._command?.Cancel(), this);
    }
}
