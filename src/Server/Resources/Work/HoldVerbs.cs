using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Schedule;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>What happens to a claimed resource until its lease ends: heartbeats, a request to cancel, release and expiry.</summary>
internal sealed class HoldVerbs<T>(Workable<T> work, LeaseFence<T> fence, HolderGrace grace)
    where T : class, IMessage<T>, IClaimable, new()
{
    /// <summary>The log has at most one change of progress in this time.</summary>
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(15);

    /// <exception cref="Faults.Fault">RESOURCE_NOT_FOUND, LEASE_LOST.</exception>
    public HeartbeatResponse Heartbeat(UnitOfWork unit, HeartbeatRequest request)
    {
        var resource = unit.Require(work.Kind, request.Id);
        var lease = fence.Holder(unit, resource, request.LeaseToken);
        var (now, duration) = (unit.Now.ToDateTimeOffset(), request.LeaseDuration?.ToTimeSpan() ?? lease.Duration);
        var progress = Untold(resource, lease, request.Progress);
        var isTold = progress is not null
            && (work.ProgressOf(resource) is not { } told || now - told.At.ToDateTimeOffset() >= ProgressInterval);
        var extended = lease with
        {
            LastHeartbeatAt = now,
            ExpiresAt = now + duration,
            Progress = isTold ? null : progress?.ToByteArray(),
        };
        if (extended.ExpiresAt < lease.WakesAt)
        {
            extended = extended with { WakesAt = extended.ExpiresAt };
            unit.Postpone(SchedulePurpose.Lease, lease.ResourceId, extended.WakesAt);
        }

        unit.Keep(extended);
        if (isTold)
        {
            unit.Change(work.Kind, request.Id, etag: "", reason: null, (_, changed, at) => work.SetProgress(changed, At(progress!, at)));
        }

        return new HeartbeatResponse
        {
            ExpiresAt = extended.ExpiresAt.ToTimestamp(),
            Remaining = Duration.FromTimeSpan(duration),
            Directive = resource.CancelRequested is null ? HeartbeatDirective.Continue : HeartbeatDirective.Cancel,
            Reason = resource.CancelRequested?.Reason ?? "",
        };
    }

    /// <exception cref="Faults.Fault">RESOURCE_NOT_FOUND, LEASE_LOST.</exception>
    public T Release(UnitOfWork unit, ReleaseRequest request) => unit.Change(
        work.Kind, request.Id, etag: "", request.Reason,
        (_, resource, at) =>
        {
            if (!TryCancel(unit, resource, at))
            {
                work.GiveBack(unit, resource);
                if (request.NotBefore is { } time && Moment.Cut(time) is var notBefore && notBefore > unit.Now)
                {
                    work.SetNotBefore(resource, notBefore);
                }
            }

            fence.End(unit, resource);
        },
        held => fence.Holder(unit, held, request.LeaseToken));

    /// <exception cref="Faults.Fault">RESOURCE_NOT_FOUND, ETAG_MISMATCH; INVALID_TRANSITION for a resource that nobody holds.</exception>
    public T RequestCancel(UnitOfWork unit, RequestCancelRequest request) => unit.Change(
        work.Kind, request.Id, request.Etag, request.Reason, (before, resource, at) =>
        {
            if (before.Lease is null)
            {
                work.Cancel(unit, resource, at);
            }
            else if (before.CancelRequested is null)
            {
                resource.CancelRequested = new CancelRequest { At = at, By = unit.Caller.Actor };
                if (request.Reason.Length > 0)
                {
                    resource.CancelRequested.Reason = request.Reason;
                }
            }
        });

    /// <summary>Ends a lease whose time has passed. If its holder has been heard meanwhile, or could not be heard, it goes on.</summary>
    public void Expire(UnitOfWork unit, LeaseRow lease)
    {
        var end = grace.EndOf(lease);
        if (end > unit.Now.ToDateTimeOffset())
        {
            unit.Keep(lease with { WakesAt = end });
            unit.Postpone(SchedulePurpose.Lease, lease.ResourceId, end);
            return;
        }

        unit.Change(work.Kind, lease.ResourceId.ToString(), etag: "", "The lease expired.", (_, resource, at) =>
        {
            resource.ExpiredLeases++;
            if (!TryCancel(unit, resource, at))
            {
                work.Expire(unit, resource, at);
            }

            fence.End(unit, resource);
        });
    }

    /// <summary>Clears a not_before that has passed, and none that has moved; false if there is no resource of this kind.</summary>
    public bool TryEndNotBefore(UnitOfWork unit, Guid id)
    {
        if (unit.Find(work.Kind, id) is not { } resource)
        {
            return false;
        }

        if (!work.Kind.IsDeleted(resource) && work.NotBeforeOf(resource) is { } notBefore && notBefore <= unit.Now)
        {
            unit.Change(
                work.Kind, id.ToString(), etag: "", "not_before has passed.", (_, ready, _) => work.SetNotBefore(ready, notBefore: null));
        }

        return true;
    }

    private bool TryCancel(UnitOfWork unit, T resource, Timestamp at) =>
        resource.CancelRequested is not null && work.TryCancel(unit, resource, at);

    /// <summary>The progress that the log does not have yet; null if it has all.</summary>
    private Progress? Untold(T resource, LeaseRow lease, Progress? sent)
    {
        var newest = sent ?? (lease.Progress is { } kept ? Progress.Parser.ParseFrom(kept) : null);
        return newest is null || work.ProgressOf(resource) is not { } told || !IsSame(newest, told) ? newest : null;
    }

    private static bool IsSame(Progress one, Progress other) =>
        one.HasPercent == other.HasPercent && one.Percent == other.Percent && one.Note == other.Note;

    private static Progress At(Progress progress, Timestamp at)
    {
        var told = progress.Clone();
        told.At = at;
        return told;
    }
}
