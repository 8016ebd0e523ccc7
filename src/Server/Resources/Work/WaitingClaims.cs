using Google.Protobuf;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Watching;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>Holds claims that found nothing until something becomes ready. Each counts as an open watch.</summary>
internal sealed class WaitingClaims(
    ChangeTail changes, OpenWatches open, ResourceKinds kinds, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>How long before the caller's deadline a wait ends, so that the empty answer still arrives.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string OrganizationId, ResourceKind Kind), ClaimLine> _lines = [];

    /// <summary>How many claims wait now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _lines.Values.Sum(line => line.Count);
            }
        }
    }

    /// <summary>Claims, and claims again whenever it is this call's turn, until something is claimed or the time is up.</summary>
    /// <exception cref="Fault">WATCH_LIMIT, DRAINING, and what <paramref name="claimAsync"/> throws.</exception>
    public async Task<ClaimNextResponse> WaitAsync<T>(Workable<T> work, Filter<T>? filter, TimeSpan wait, Call call,
        Func<Task<(ClaimNextResponse Answer, bool IsFinal)>> claimAsync)
        where T : class, IMessage<T>, IClaimable, new()
    {
        using var place = open.Enter(call.Caller);
        var now = time.GetUtcNow();
        var end = Earliest(now + wait, call.Deadline - Margin, call.AdmittedUntil);
        using var timeout = new CancellationTokenSource(end > now ? end - now : TimeSpan.Zero, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Ended, lifetime.ApplicationStopping, timeout.Token);
        var waiter = new ClaimWaiter(
            resource => resource is T own && work.IsReadyFor(own, call.Caller) && filter?.Matches(own) != false);
        using var ended = ending.Token.UnsafeRegister(static waiter => ((ClaimWaiter)waiter!).WakeUp.Set(), waiter);
        var line = await EnterAsync(work.Kind, call, waiter);
        var (turn, claimed) = ((IResource?)null, (IReadOnlyCollection<string>)[]);
        try
        {
            while (true)
            {
                waiter.WakeUp.Rearm();
                turn = waiter.TakeTurn();
                call.Ended.ThrowIfCancellationRequested();
                if (lifetime.ApplicationStopping.IsCancellationRequested)
                {
                    throw new Fault(ErrorReason.Draining,
                        "The server is shutting down, and nothing was claimed. Claim again, at another replica or here after the "
                        + "restart.");
                }

                var (answer, isFinal) = await claimAsync();
                if (isFinal || answer.Leases.Count > 0 || timeout.IsCancellationRequested || line.Tail.IsVoid)
                {
                    // It may have claimed something more urgent than what its turn was for: that is another claim's turn then.
                    claimed = [.. answer.Leases.Select(lease => lease.Resource!.Id)];
                    return answer;
                }

                waiter.IsAsleep = true;
                await waiter.WakeUp.Signaled;
                waiter.IsAsleep = false;
            }
        }
        finally
        {
            Leave(line, waiter, turn, claimed);
        }
    }

    private static DateTimeOffset Earliest(DateTimeOffset first, params ReadOnlySpan<DateTimeOffset?> others)
    {
        foreach (var other in others)
        {
            first = other < first ? other.Value : first;
        }

        return first;
    }

    private async Task<ClaimLine> EnterAsync(KindDefinition kind, Call call, ClaimWaiter waiter)
    {
        var key = (call.Caller.OrganizationId, kind.Kind);
        var tail = await changes.HoldAsync(call.Caller.OrganizationId, call.Ended);
        lock (_gate)
        {
            if (!_lines.TryGetValue(key, out var line) || !line.TryEnter(waiter))
            {
                _lines[key] = line = new ClaimLine(kind, kinds, tail);
                line.TryEnter(waiter);
                _ = line.RunAsync();
            }
            else
            {
                // The line holds the tail already.
                changes.Release(tail);
            }

            return line;
        }
    }

    private void Leave(ClaimLine line, ClaimWaiter waiter, IResource? turn, IReadOnlyCollection<string> claimed)
    {
        lock (_gate)
        {
            if (line.Leave(waiter, turn, claimed))
            {
                return;
            }

            if (_lines.GetValueOrDefault((line.OrganizationId, line.Kind)) == line)
            {
                _lines.Remove((line.OrganizationId, line.Kind));
            }
        }

        changes.Release(line.Tail);
    }
}
