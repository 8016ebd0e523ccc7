using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.V1;

/// <summary>The fields that every stored resource has.</summary>
public interface IResource : IMessage
{
    /// <summary>The server-assigned UUIDv7 in lower-case text; empty before creation.</summary>
    string Id { get; set; }

    /// <summary>The organization that owns the resource.</summary>
    string OrganizationId { get; set; }

    /// <summary>The opaque version of this state.</summary>
    string Etag { get; set; }

    /// <summary>When the resource was created, in microseconds; null before creation.</summary>
    Timestamp? CreatedAt { get; set; }

    /// <summary>When the resource last changed, in microseconds; null before creation, and for a kind without this field.</summary>
    Timestamp? UpdatedAt { get; set; }
}

/// <summary>A resource that may have a key of its creator's own, unique for ever among its kind.</summary>
public interface IKeyedResource : IResource
{
    /// <summary>Whether the resource has a key.</summary>
    bool HasExternalKey { get; }

    /// <summary>The key; empty if there is none.</summary>
    string ExternalKey { get; }
}

/// <summary>A resource that workers can claim.</summary>
public interface IClaimable : IResource
{
    /// <summary>The lease under which a worker holds it; null if nobody does.</summary>
    HeldLease? Lease { get; set; }

    /// <summary>How often it has been claimed since its creation or retry.</summary>
    int ClaimCount { get; set; }

    /// <summary>How many of those claims ended because the lease expired.</summary>
    int ExpiredLeases { get; set; }

    /// <summary>The request that its holder stops; null without one.</summary>
    CancelRequest? CancelRequested { get; set; }

    /// <summary>The trace context of the call that created it; setting null throws.</summary>
    string Traceparent { get; set; }
}

public partial class AgentTask : IKeyedResource, IClaimable;

public partial class BoardTask : IKeyedResource, IClaimable;

public partial class MonitorTask : IKeyedResource
{
    string IResource.Id { get => TaskId; set => TaskId = value; }

    // The contract has no updated_at for monitor tasks.
    Timestamp? IResource.UpdatedAt { get => null; set => _ = value; }
}

public partial class Delivery : IResource;

public partial class FlowExecution : IKeyedResource;

public partial class TaskExecution : IClaimable;
