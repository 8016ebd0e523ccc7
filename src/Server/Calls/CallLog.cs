using TaskGrpc.V1;

namespace TaskGrpc.Server.Calls;

/// <summary>The log messages of calls. Never a payload.</summary>
internal static partial class CallLog
{
    [LoggerMessage(101, LogLevel.Error, "Incident {IncidentId}: {Method} failed unexpectedly.")]
    public static partial void Unexpected(this ILogger logger, Exception exception, Guid incidentId, string method);

    [LoggerMessage(102, LogLevel.Debug, "The server refused {Method}: {Reason}.")]
    public static partial void Refused(this ILogger logger, string method, string reason);

    [LoggerMessage(104, LogLevel.Error, "The store failed in {Method}.")]
    public static partial void StoreFailed(this ILogger logger, Exception exception, string method);

    [LoggerMessage(
        106,
        LogLevel.Warning,
        "The server refused {Method} from {ActorType} {ActorId} of {OrganizationId}: {Reason}. It did not log {Untold} earlier refusals.")]
    public static partial void AccessRefused(
        this ILogger logger, string organizationId, ActorType actorType, string actorId, string method, ErrorReason reason, long untold);

    [LoggerMessage(
        111,
        LogLevel.Warning,
        "The server cannot read the changed key file {File}: {Reason} It uses the earlier keys and tries again at the next call.")]
    public static partial void KeyFileUnreadable(this ILogger logger, string file, string reason);

    [LoggerMessage(
        110,
        LogLevel.Warning,
        "The server refused a connection: Limits:Connections is reached. It did not log {Untold} earlier refusals.")]
    public static partial void ConnectionRefused(this ILogger logger, long untold);
}
