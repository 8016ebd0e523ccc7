using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Watching;

/// <summary>Holds an empty page until something matches, for callers behind proxies that cannot stream. It counts as an open watch for as long.</summary>
internal sealed class ChangeWaiter(ChangeTail changes, OpenWatches open, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>Looks again and again, as the log grows, until there is an answer or the time is up.</summary>
    /// <param name="caller">Who waits, and whose log it is.</param>
    /// <param name="selection">Whose changes wake.</param>
    /// <param name="wait">For how long.</param>
    /// <param name="lookAsync">Reads on, from memory where it holds enough; null if there is nothing yet, but an answer in any case when asked for the last time.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    /// <exception cref="Faults.Fault">WATCH_LIMIT, and what looking throws.</exception>
    public async Task<ListChangesResponse> WaitAsync(Caller caller, ChangeSelection selection, TimeSpan wait, Func<OrganizationTail, bool, Task<ListChangesResponse?>> lookAsync, CancellationToken cancellationToken)
    {
        using var place = open.Enter(caller);
        var wakeUp = new WakeUp();
        using var timeout = new CancellationTokenSource(wait, time);
        // A shutdown ends the wait with what there is: the caller goes on from there, at another replica or here.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping, timeout.Token);
        using var ended = ending.Token.UnsafeRegister(static wakeUp => ((WakeUp)wakeUp!).Set(), wakeUp);
        var tail = await changes.HoldAsync(caller.OrganizationId, cancellationToken);
        tail.Join(wakeUp, selection);
        try
        {
            while (true)
            {
                tail.Rearm(wakeUp);
                cancellationToken.ThrowIfCancellationRequested();
                if (tail.IsVoid)
                {
                    throw WatchStart.EpochChanged();
                }

                // Asked after rearming, like the cancellation: an end from before has signaled what is no longer waited for.
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
