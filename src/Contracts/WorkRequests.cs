namespace TaskGrpc.V1;

/// <summary>A request about the work of one kind.</summary>
public interface IWorkRequest
{
    /// <summary>The kind of the resources.</summary>
    ResourceKind Kind { get; }
}

public partial class ClaimNextRequest : IMutation, IWorkRequest;

public partial class HeartbeatRequest : IWorkRequest;

public partial class ReleaseRequest : IMutation, IWorkRequest;

public partial class RequestCancelRequest : ITargetedMutation, IWorkRequest;

public partial class ListLeasesRequest : IPageRequest, IWorkRequest;

public partial class Lease
{
    /// <summary>The claimed resource; null for none.</summary>
    public IClaimable? Resource
    {
        get => (IClaimable?)resource_;
        set => (resource_, resourceCase_) = value switch
        {
            V1.AgentTask task => ((object?)task, ResourceOneofCase.AgentTask),
            V1.BoardTask task => (task, ResourceOneofCase.BoardTask),
            V1.TaskExecution execution => (execution, ResourceOneofCase.TaskExecution),
            _ => (null, ResourceOneofCase.None),
        };
    }
}

public partial class ReleaseResponse
{
    /// <summary>The resource after the release; null for none.</summary>
    public IClaimable? Resource
    {
        get => (IClaimable?)resource_;
        set => (resource_, resourceCase_) = value switch
        {
            V1.AgentTask task => ((object?)task, ResourceOneofCase.AgentTask),
            V1.BoardTask task => (task, ResourceOneofCase.BoardTask),
            V1.TaskExecution execution => (execution, ResourceOneofCase.TaskExecution),
            _ => (null, ResourceOneofCase.None),
        };
    }
}

public partial class RequestCancelResponse
{
    /// <summary>The resource after the request; null for none.</summary>
    public IClaimable? Resource
    {
        get => (IClaimable?)resource_;
        set => (resource_, resourceCase_) = value switch
        {
            V1.AgentTask task => ((object?)task, ResourceOneofCase.AgentTask),
            V1.BoardTask task => (task, ResourceOneofCase.BoardTask),
            V1.TaskExecution execution => (execution, ResourceOneofCase.TaskExecution),
            _ => (null, ResourceOneofCase.None),
        };
    }
}
