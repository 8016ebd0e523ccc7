using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace TaskGrpc.Server.Storage.Postgres.Sessions;

/// <summary>Remembers which query EF is running on one connection, and cancels it when a token is cancelled.</summary>
internal sealed class RunningCommand : DbCommandInterceptor
{
    private volatile DbCommand? _command;

    public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        _command = command;
        return result;
    }

    /// <summary>Cancels the running query when the token is cancelled. The statement timeout ends one that has not begun.</summary>
    public IDisposable InterruptWhen(CancellationToken cancellationToken)
    {
        _command = null;
        // Disposing of the registration waits for a running cancellation, so that it cannot hit a later read.
        return cancellationToken.UnsafeRegister(static self => ((RunningCommand)self!)._command?.Cancel(), this);
    }
}
