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

public partial class AgentTask : IResource;

public partial class BoardTask : IResource;

public partial class MonitorTask : IResource
{
    string IResource.Id { get => TaskId; set => TaskId = value; }

    // The contract has no updated_at for monitor tasks.
    Timestamp? IResource.UpdatedAt { get => null; set => _ = value; }
}

public partial class Delivery : IResource;

public partial class FlowExecution : IResource;

public partial class TaskExecution : IResource;
