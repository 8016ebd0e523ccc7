using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Leases;

/// <summary>
/// Keeps those out who do not hold the lease. The token counts, and no clock: until the expiry is committed, the holder's writes are good.
/// </summary>
internal sealed class LeaseFence<T>(Workable<T> work) : Fence<T>
    where T : class, IMessage<T>, IClaimable, new()
{
    public override void Check(UnitOfWork unit, T before, IMutation request)
    {
        if (request is IFenced { LeaseToken.Length: > 0 } fenced)
        {
            Holder(unit, before, fenced.LeaseToken);
        }
        else if (request is ITransition && before.Lease is { } lease && unit.Caller.Actor.Type is ActorType.Agent or ActorType.Service)
        {
            throw Fault.Precondition(
                ErrorReason.LeaseRequired,
                $"{work.Kind.Name}/{before.Id}",
                $"'{Clip.Of(lease.Worker, 80)}' of '{Clip.Of(lease.Holder.Id, 80)}' holds the {work.Kind.Name} '{before.Id}'. Send the "
                + "lease_token if that is you; else ask the holder to stop with RequestCancel, or wait until the lease ends.")
                .With("holder", lease.Holder.Id);
        }
    }

    /// <summary>The lease whose token it is.</summary>
    /// <exception cref="Fault">LEASE_LOST.</exception>
    public LeaseRow Holder(UnitOfWork unit, T before, string token) =>
        before.Lease is not null && unit.FindLease(Guid.Parse(before.Id)) is { } standing && IsSame(standing.Token, token)
            ? standing : throw Lost(before);

    public override void Settle(UnitOfWork unit, T before, T after, IMutation request)
    {
        if (request is IFenced { LeaseToken: "" } and (ITransition or IUpdateRequest<T>)
            && unit.Caller.Actor.Type is ActorType.User or ActorType.Service)
        {
            // Somebody has looked at it.
            after.ExpiredLeases = 0;
        }

        if (before.Lease is not null && (work.Kind.IsDeleted(after) || !work.IsWorking(after)))
        {
            End(unit, after);
        }
    }

    /// <summary>Takes the lease from a resource, with the progress that the log does not have yet.</summary>
    public void End(UnitOfWork unit, T after)
    {
        if (work.HasProgress && unit.FindLease(Guid.Parse(after.Id))?.Progress is { } kept)
        {
            work.SetProgress(after, Progress.Parser.ParseFrom(kept));
        }

        after.Lease = null;
    }

    private Fault Lost(T before)
    {
        var status = work.Kind.StatusName(work.Kind.StatusOf(before));
        var fault = new Fault(
            ErrorReason.LeaseLost,
            $"You no longer hold the {work.Kind.Name} '{before.Id}', which is in {status} now. Stop the work, and claim again.")
        {
            Resource = (work.Kind.Name, before.Id),
        }.With("status", status);
        return before.Lease is { } lease ? fault.With("holder", lease.Holder.Id) : fault;
    }

    private static bool IsSame(string standing, string sent) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(standing), Encoding.UTF8.GetBytes(sent));
}
