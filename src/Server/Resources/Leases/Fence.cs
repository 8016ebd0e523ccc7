using TaskGrpc.Server.Ledger.Committing;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Leases;

/// <summary>What a change must keep to while a worker holds the resource. This one is for kinds that nobody can claim: nothing.</summary>
internal class Fence<T>
{
    /// <summary>Refuses a caller that a standing lease keeps out.</summary>
    /// <exception cref="Faults.Fault">LEASE_REQUIRED, LEASE_LOST.</exception>
    public virtual void Check(UnitOfWork unit, T before, IMutation request)
    {
    }

    /// <summary>Ends the lease if the change has brought the resource out of work.</summary>
    public virtual void Settle(UnitOfWork unit, T before, T after, IMutation request)
    {
    }
}
