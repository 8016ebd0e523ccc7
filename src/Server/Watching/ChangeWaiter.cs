using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>Holds an empty page until something matches, for callers that cannot stream. It counts as an open watch.</summary>
internal sealed class ChangeWaiter(ChangeTail changes, OpenWatches open, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>Looks whenever the log grows, until there is an answer or the time is up.</summary>
    /// <param name="caller">The caller, who also names the organization of the log.</param>
    /// <param name="selection">The changes that wake the call.</param>
    /// <param name="wait">How long to wait.</param>
    /// <param name="lookAsync">Reads on, from memory if it has enough; null if nothing matches yet. With true it always returns an
    /// answer.</param>
    /// <param name="cancellationToken">The caller has disconnected.</param>
    /// <exception cref="Faults.Fault">WATCH_LIMIT, and what <paramref name="lookAsync"/> throws.</exception>
    public async Task<ListChangesResponse> WaitAsync(Caller caller, ChangeSelection selection, TimeSpan wait,
        Func<OrganizationTail, bool, Task<ListChangesResponse?>> lookAsync, CancellationToken cancellationToken)
    {
        using var place = open.Enter(caller);
        var wakeUp = new WakeUp();
        using var timeout = new CancellationTokenSource(wait, time);
        // A shutdown ends the wait with the answer so far. The caller goes on from there, at another replica or here.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping, timeout.Token);
        using var ended = ending.Token.UnsafeRegister(static wakeUp => ((WakeUp)wakeUp!).Set(), wakeUp);
        var tail = await changes.HoldAsync(caller.OrganizationId, cancellationToken);
        tail.Join(wakeUp, selection);
        try
        {
            while (true)
            {
                tail.Rearm(wakeUp, cancellationToken);
                // The end of the wait is read after rearming too, which drops its earlier signal.
                if (await lookAsync(tail, ending.IsCancellationRequested) is { } answer)
                {
                    return answer;
                }

                await wakeUp.Signaled;
            }
        }
        finally
        {
            tail.Leave(wakeUp, selection);
            changes.Release(tail);
        }
    }
}
