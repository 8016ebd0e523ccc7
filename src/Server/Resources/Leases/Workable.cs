using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger;
using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.Server.Ledger.Kinds;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Leases;

/// <summary>What claims, releases and expiries do to the resources of one kind. Each method changes a copy that is staged.</summary>
internal abstract class Workable<T>(KindDefinition<T> kind)
    where T : class, IMessage<T>, IClaimable, new()
{
    public KindDefinition<T> Kind { get; } = kind;

    /// <summary>The columns of the order of claims, with the id last.</summary>
    public abstract string[] Order { get; }

    /// <summary>The columns' values.</summary>
    public abstract object[] RankOf(T resource);

    /// <summary>The fields of filters that a claim tests by itself, in the lane.</summary>
    public abstract IReadOnlySet<string> BriefFields { get; }

    /// <summary>Who may claim the resource: null for nobody, empty for everybody, else the one USER.</summary>
    public abstract string? ReadyFor(T resource);

    /// <summary>Whether this caller may claim the resource.</summary>
    public bool IsReadyFor(T resource, Caller caller) =>
        ReadyFor(resource) is { } readyFor && (readyFor.Length == 0 || (caller.IsUser && readyFor == caller.Actor.Id));

    /// <summary>Whether a worker may hold a resource in this status.</summary>
    public abstract bool IsWorking(T resource);

    /// <summary>Narrows the rows that are ready by what their own columns do not say.</summary>
    public virtual void Narrow(SqlText text)
    {
    }

    /// <summary>The same for a resource that an earlier command of the batch made ready.</summary>
    public virtual bool MayBeTaken(UnitOfWork unit, T resource) => true;

    /// <summary>Moves a resource to work. The lease is on it already.</summary>
    public abstract void Take(T resource, Caller caller, Timestamp at);

    /// <summary>Moves a resource that its worker gives back. The lease is still on it.</summary>
    public abstract void GiveBack(UnitOfWork unit, T resource);

    /// <summary>Moves a resource whose lease has expired. The expiry is counted already, and the lease is still on it.</summary>
    public abstract void Expire(UnitOfWork unit, T resource, Timestamp at);

    /// <summary>Cancels a resource whose cancel was requested, as its lease ends; false if the kind cannot be canceled.</summary>
    public abstract bool TryCancel(UnitOfWork unit, T resource, Timestamp at);

    /// <summary>Cancels a resource that nobody holds.</summary>
    /// <exception cref="Faults.Fault">INVALID_TRANSITION.</exception>
    public abstract void Cancel(UnitOfWork unit, T resource, Timestamp at);

    /// <summary>The progress that the resource shows; null for none, or for a kind without progress.</summary>
    public virtual Progress? ProgressOf(T resource) => null;

    public virtual void SetProgress(T resource, Progress progress)
    {
    }

    /// <summary>Whether workers report progress of this kind.</summary>
    public virtual bool HasProgress => false;

    /// <summary>Whether work of this kind can be given back for later.</summary>
    public virtual bool HasNotBefore => false;

    /// <summary>The time before which the resource cannot be claimed; null for none, or for a kind without such times.</summary>
    public virtual Timestamp? NotBeforeOf(T resource) => null;

    public virtual void SetNotBefore(T resource, Timestamp? notBefore)
    {
    }
}
