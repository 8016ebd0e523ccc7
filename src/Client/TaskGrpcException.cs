using Google.Rpc;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>
/// A call that the server refused, or that did not reach it. It is an <see cref="RpcException"/>, so code that catches those goes on
/// working; what TaskGrpc says beyond the status code is in its properties.
/// </summary>
public sealed class TaskGrpcException : RpcException
{
    internal TaskGrpcException(RpcException inner)
        : base(inner.Status, inner.Trailers, inner.Status.Detail)
    {
        var status = inner.GetRpcStatus();
        var info = status?.GetDetail<ErrorInfo>();
        var isOurs = info?.Domain == "taskgrpc";
        Reason = isOurs ? ReasonOf(info!.Reason) : ErrorReason.Unspecified;
        Details = isOurs ? info!.Metadata.ToDictionary() : new Dictionary<string, string>();
        FieldViolations = status?.GetDetail<BadRequest>()?.FieldViolations
            .Select(violation => new FieldViolation(violation.Field, violation.Description)).ToArray() ?? [];
        RetryDelay = status?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan();
    }

    /// <summary>Why the server refused; <see cref="ErrorReason.Unspecified"/> when it was not TaskGrpc that refused, or a newer one gave a reason that this library does not know.</summary>
    public ErrorReason Reason { get; }

    /// <summary>The particulars of the reason, for example <c>current_etag</c> or <c>allowed</c>; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Details { get; }

    /// <summary>Every field that was not acceptable; empty if the refusal is not about fields.</summary>
    public IReadOnlyList<FieldViolation> FieldViolations { get; }

    /// <summary>How long the server asks to wait before the next attempt; null if it does not say.</summary>
    public TimeSpan? RetryDelay { get; }

    private static ErrorReason ReasonOf(string name)
    {
        var value = ErrorReasonReflection.Descriptor.EnumTypes[0].FindValueByName("ERROR_REASON_" + name);
        return (ErrorReason)(value?.Number ?? 0);
    }
}
