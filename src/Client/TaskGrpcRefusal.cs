using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using TaskGrpc.V1;

namespace TaskGrpc.Client;

/// <summary>The content of `grpc-status-details-bin` of a failure.</summary>
internal sealed class TaskGrpcRefusal
{
    private const string Domain = "taskgrpc";
    private static readonly TaskGrpcRefusal None = new(null);

    private TaskGrpcRefusal(Google.Rpc.Status? status)
    {
        var info = status?.GetDetail<ErrorInfo>();
        IsOurs = info?.Domain == Domain;
        ReasonName = IsOurs ? info!.Reason : "";
        Details = IsOurs ? info!.Metadata.ToDictionary() : new Dictionary<string, string>();
        FieldViolations = status?.GetDetail<BadRequest>()?.FieldViolations
            .Select(violation => new FieldViolation(violation.Field, violation.Description)).ToArray() ?? [];
        RetryDelay = status?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan();
    }

    /// <summary>Whether TaskGrpc itself refused, and not a proxy or the connection.</summary>
    public bool IsOurs { get; }

    /// <summary>The reason as sent, even if this library does not know it; empty if there is none.</summary>
    public string ReasonName { get; }

    public ErrorReason Reason =>
        (ErrorReason)(ErrorReasonReflection.Descriptor.EnumTypes[0].FindValueByName("ERROR_REASON_" + ReasonName)?.Number ?? 0);

    public IReadOnlyDictionary<string, string> Details { get; }

    public IReadOnlyList<FieldViolation> FieldViolations { get; }

    public TimeSpan? RetryDelay { get; }

    /// <summary>Reads the details. Malformed details count as none, because the status itself is still valid.</summary>
    public static TaskGrpcRefusal Of(RpcException exception)
    {
        try
        {
            return exception.GetRpcStatus() is { } status ? new TaskGrpcRefusal(status) : None;
        }
        catch (Exception malformed) when (
            malformed is InvalidProtocolBufferException or InvalidOperationException or ArgumentException or FormatException
                or OverflowException)
        {
            return None;
        }
    }
}
