namespace TaskGrpc.Server.Hosting;

/// <summary>What the host tells the operator. Never a payload.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(101, LogLevel.Error, "Incident {IncidentId}: {Method} failed unexpectedly.")]
    public static partial void Unexpected(this ILogger logger, Exception exception, Guid incidentId, string method);

    [LoggerMessage(104, LogLevel.Error, "The store failed in {Method}.")]
    public static partial void StoreFailed(this ILogger logger, Exception exception, string method);

    [LoggerMessage(102, LogLevel.Debug, "{Method} was refused: {Reason}.")]
    public static partial void Refused(this ILogger logger, string method, string reason);

    [LoggerMessage(103, LogLevel.Critical, "The server does not start: {Reason}")]
    public static partial void RefusedToStart(this ILogger logger, string reason);

    [LoggerMessage(106, LogLevel.Warning, "{Method} was refused to {ActorType} {ActorId} of {OrganizationId}: {Reason}. {Untold} refusals before it were not told.")]
    public static partial void AccessRefused(this ILogger logger, string organizationId, TaskGrpc.V1.ActorType actorType, string actorId, string method, TaskGrpc.V1.ErrorReason reason, long untold);

    [LoggerMessage(107, LogLevel.Warning, "The keys that encrypt secrets and seal page tokens cannot be read. Signing secrets and lists of several pages fail until they can.")]
    public static partial void KeysOutOfReach(this ILogger logger, Exception exception);
}
