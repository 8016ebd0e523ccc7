using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace TaskGrpc.V1;

/// <summary>A request that may change something. Its request_id makes it repeatable.</summary>
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

    /// <summary>The current etag, or empty for no check.</summary>
    string Etag { get; }
}

/// <summary>A request that proves by a token that its caller holds the resource under a lease.</summary>
public interface IFenced : IMutation
{
    /// <summary>The lease's token, or empty.</summary>
    string LeaseToken { get; }
}

/// <summary>A request that moves the status of a resource that workers can hold.</summary>
public interface ITransition : ITargetedMutation, IFenced;

/// <summary>A request that creates one resource.</summary>
/// <typeparam name="T">The resource.</typeparam>
public interface ICreateRequest<T> : IMutation
{
    /// <summary>The resource to create; null if the caller sent none.</summary>
    T? Resource { get; }

    /// <summary>Checks only, and stores nothing.</summary>
    bool ValidateOnly { get; }
}

/// <summary>A request that creates several resources, all or none.</summary>
/// <typeparam name="T">The resource.</typeparam>
public interface IBatchCreateRequest<T> : IMutation
{
    /// <summary>The resources to create.</summary>
    RepeatedField<T> Resources { get; }

    /// <summary>Checks only, and stores nothing.</summary>
    bool ValidateOnly { get; }
}

/// <summary>A request whose fields to change a protocol can take from the text of a patch.</summary>
public interface IPatch : IMutation
{
    /// <summary>The fields to change; null or empty for every populated updatable field.</summary>
    FieldMask? UpdateMask { get; set; }

    /// <summary>
    /// Whether the mask names the fields of a patch's text. The other fields are then judged as without a mask. Not on the wire.
    /// </summary>
    bool IsPatch { get; set; }
}

/// <summary>A request that changes updatable fields of one resource.</summary>
/// <typeparam name="T">The resource.</typeparam>
public interface IUpdateRequest<T> : IPatch
{
    /// <summary>The target's id, the etag and the new values; null if the caller sent none.</summary>
    T? Resource { get; }
}

/// <summary>A request for a page of a collection.</summary>
public interface IPageRequest : IMessage
{
    /// <summary>The most elements to return; 0 for the default.</summary>
    int PageSize { get; }

    /// <summary>The token of the page; empty for the first page.</summary>
    string PageToken { get; }
}

/// <summary>A request for a page of all resources of a kind.</summary>
public interface IListRequest : IPageRequest
{
    /// <summary>The filter in the language of AIP-160; empty for all.</summary>
    string Filter { get; }

    /// <summary>The order; empty for the newest first.</summary>
    string OrderBy { get; }

    /// <summary>Lists deleted resources too.</summary>
    bool ShowDeleted { get; }
}
