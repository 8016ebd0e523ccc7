using System.Buffers.Text;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Resources.Leases;
using TaskGrpc.Server.Storage.Schema.Rows;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Work;

/// <summary>
/// Claims resources of one kind. The choice is made in the lane, through which every commit of the organization passes: no two claims
/// choose the same resource, and none meets a conflict.
/// </summary>
internal sealed class ClaimVerbs<T>(Workable<T> work)
    where T : class, IMessage<T>, IClaimable, new()
{
    /// <summary>Where the leases of one answer end.</summary>
    private const int MostBytes = 2 * 1024 * 1024;

    /// <summary>What a lease takes in an answer beside its resource, at most.</summary>
    private const int LeaseBytes = 1024;

    private const int TokenBytes = 18;

    private static readonly Duration DefaultDuration = Duration.FromTimeSpan(TimeSpan.FromSeconds(60));

    /// <summary>Claims the most urgent ready resources; with candidates, those of them that are still ready and match.</summary>
    public ClaimNextResponse Claim(UnitOfWork unit, ClaimNextRequest request, Filter<T>? filter, IReadOnlyList<Guid>? candidates)
    {
        var answer = new ClaimNextResponse { Revision = unit.Revision };
        var size = 0;
        foreach (var resource in candidates is null ? Ready(unit, filter) : StillReady(unit, filter, candidates))
        {
            size += resource.CalculateSize() + LeaseBytes;
            if (answer.Leases.Count > 0 && size > MostBytes)
            {
                break;
            }

            answer.Leases.Add(Take(unit, resource, request, answer.Revision));
            if (answer.Leases.Count >= request.MaxTasks)
            {
                break;
            }
        }

        if (answer.Leases.Count == 0)
        {
            answer.Revision--;
        }

        return answer;
    }

    /// <summary>What a repeated request finds: the tokens and ids. Nothing if nothing was claimed, so that the id stays free.</summary>
    public ClaimNextResponse? Remember(ClaimNextResponse answer) => answer.Leases.Count == 0 ? null : new ClaimNextResponse
    {
        Revision = answer.Revision,
        Leases =
        {
            answer.Leases.Select(lease => new Lease { LeaseToken = lease.LeaseToken, Resource = new T { Id = lease.Resource!.Id } }),
        },
    };

    /// <summary>Those leases of an earlier answer that still stand, as they stand now.</summary>
    public ClaimNextResponse Recall(UnitOfWork unit, ClaimNextResponse stored)
    {
        var answer = new ClaimNextResponse { Revision = stored.Revision };
        foreach (var told in stored.Leases)
        {
            var id = Guid.Parse(told.Resource!.Id);
            if (unit.FindLease(id) is { } lease && lease.Token == told.LeaseToken && unit.Find(work.Kind, id) is { } resource)
            {
                answer.Leases.Add(Told(unit, lease, resource));
            }
        }

        return answer;
    }

    private IEnumerable<T> Ready(UnitOfWork unit, Filter<T>? filter)
    {
        var everybodys = Queue(unit, "", filter).Ready();
        var ready = unit.Caller.IsUser ? Merged(everybodys, Queue(unit, unit.Caller.Actor.Id, filter).Ready()) : everybodys;
        return ready.Select(item => item.Resource).Where(resource => work.MayBeTaken(unit, resource));
    }

    private ReadyQueue<T> Queue(UnitOfWork unit, string readyFor, Filter<T>? filter)
    {
        var organizationId = unit.Caller.OrganizationId;
        return unit.Shared((typeof(T), organizationId, readyFor, filter?.Text),
            (batch, writer) => new ReadyQueue<T>(work, batch, writer, organizationId, readyFor, filter));
    }

    private static IEnumerable<(object[] Rank, T Resource)> Merged(
        IEnumerable<(object[] Rank, T Resource)> one, IEnumerable<(object[] Rank, T Resource)> other)
    {
        using var first = one.GetEnumerator();
        using var second = other.GetEnumerator();
        var (hasFirst, hasSecond) = (first.MoveNext(), second.MoveNext());
        while (hasFirst || hasSecond)
        {
            var isFirst = hasFirst && (!hasSecond || RankOrder.Instance.Compare(first.Current.Rank, second.Current.Rank) < 0);
            yield return isFirst ? first.Current : second.Current;
            (hasFirst, hasSecond) = isFirst ? (first.MoveNext(), hasSecond) : (hasFirst, second.MoveNext());
        }
    }

    private IEnumerable<T> StillReady(UnitOfWork unit, Filter<T>? filter, IReadOnlyList<Guid> candidates)
    {
        unit.Foresee(work.Kind, candidates);
        return candidates.Select(id => unit.Find(work.Kind, id)).OfType<T>().Where(resource =>
            work.IsReadyFor(resource, unit.Caller) && filter?.Matches(resource) != false && work.MayBeTaken(unit, resource));
    }

    private Lease Take(UnitOfWork unit, T ready, ClaimNextRequest request, long revision)
    {
        var taken = unit.Change(work.Kind, ready.Id, etag: "", $"Claimed by '{request.Worker}'.", (_, resource, at) =>
        {
            resource.ClaimCount++;
            resource.Lease = new HeldLease
            {
                Holder = unit.Caller.Actor,
                Worker = request.Worker,
                LeaseRevision = revision,
                ClaimedAt = at,
            };
            work.Take(resource, unit.Caller, at);
        });
        var (now, duration) = (unit.Now.ToDateTimeOffset(), (request.LeaseDuration ?? DefaultDuration).ToTimeSpan());
        var lease = new LeaseRow
        {
            OrganizationId = taken.OrganizationId,
            ResourceId = Guid.Parse(taken.Id),
            Kind = (int)work.Kind.Kind,
            Token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes)),
            DurationMicroseconds = (long)duration.TotalMicroseconds,
            LastHeartbeatAt = now,
            ExpiresAt = now + duration,
            WakesAt = now + duration,
        };
        unit.Begin(lease);
        return Told(unit, lease, taken);
    }

    private static Lease Told(UnitOfWork unit, LeaseRow lease, T resource) => new()
    {
        LeaseToken = lease.Token,
        LeaseRevision = resource.Lease!.LeaseRevision,
        ExpiresAt = lease.ExpiresAt.ToTimestamp(),
        Remaining = Remaining(lease, unit),
        ClaimCount = resource.ClaimCount,
        Resource = resource,
    };

    private static Duration Remaining(LeaseRow lease, UnitOfWork unit)
    {
        var left = lease.ExpiresAt - unit.Now.ToDateTimeOffset();
        return Duration.FromTimeSpan(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }
}
