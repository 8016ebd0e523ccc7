using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.V1;

/// <summary>A request that may change something, and that a request_id makes repeatable.</summary>
public interface IMutation : IMessage
{
    /// <summary>A UUID, or empty.</summary>
    string RequestId { get; set; }
}

/// <summary>A mutation of one existing resource, guarded by an optional etag.</summary>
public interface ITargetedMutation : IMutation
{
    /// <summary>The resource's id.</summary>
    string Id { get; }

    /// <summary>The etag that must stand, or empty.</summary>
    string Etag { get; }
}

/// <summary>A request that creates one resource.</summary>
/// <typeparam name="T">The resource.</typeparam>
public interface ICreateRequest<T> : IMutation
{
    /// <summary>The resource to create; null when the caller sent none.</summary>
    T? Resource { get; }

    /// <summary>Whether to check only.</summary>
    bool ValidateOnly { get; }
}

/// <summary>A request that creates several resources, all or none.</summary>
/// <typeparam name="T">The resource.</typeparam>
public interface IBatchCreateRequest<T> : IMutation
{
    /// <summary>The resources to create.</summary>
    RepeatedField<T> Resources { get; }

    /// <summary>Whether to check only.</summary>
    bool ValidateOnly { get; }
}

/// <summary>A request that changes updatable fields of one resource.</summary>
/// <typeparam name="T">The resource.</typeparam>
public interface IUpdateRequest<T> : IMutation
{
    /// <summary>The target's id, the etag and the new values; null when the caller sent none.</summary>
    T? Resource { get; }

    /// <summary>The fields to change; null or empty for every populated one.</summary>
    FieldMask? UpdateMask { get; }
}

/// <summary>A request for a page of a collection.</summary>
public interface IPageRequest : IMessage
{
    /// <summary>The most elements to return.</summary>
    int PageSize { get; }

    /// <summary>Where the page begins; empty for the first.</summary>
    string PageToken { get; }
}

/// <summary>A request for a page of all resources of a kind.</summary>
public interface IListRequest : IPageRequest
{
    /// <summary>Which resources, in the language of AIP-160; empty for all.</summary>
    string Filter { get; }

    /// <summary>The order; empty for the newest first.</summary>
    string OrderBy { get; }

    /// <summary>Whether deleted resources are listed too.</summary>
    bool ShowDeleted { get; }
}
