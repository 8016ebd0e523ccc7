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

    [LoggerMessage(106, LogLevel.Warning, "{Method} was refused to {ActorType} {ActorId} of {OrganizationId}: {Reason}. {Untold} refusals before it were not told.")]
    public static partial void AccessRefused(this ILogger logger, string organizationId, TaskGrpc.V1.ActorType actorType, string actorId, string method, TaskGrpc.V1.ErrorReason reason, long untold);

    [LoggerMessage(107, LogLevel.Warning, "The database did not give the keys, so this server is not ready: {Reason} It asks again until it has them.")]
    public static partial void KeysOutOfReach(this ILogger logger, string reason);

    [LoggerMessage(108, LogLevel.Critical, "The server stops, because the keys that encrypt secrets and seal page tokens cannot be used: {Reason}")]
    public static partial void KeysUnusable(this ILogger logger, string reason);

    [LoggerMessage(109, LogLevel.Warning, "Other users of this machine may read or write {File}. Give it and the files beside it the mode 600.")]
    public static partial void OpenToOthers(this ILogger logger, string file);

    [LoggerMessage(110, LogLevel.Warning, "A connection was refused: Limits:Connections is reached. {Untold} refusals before it were not told.")]
    public static partial void ConnectionRefused(this ILogger logger, long untold);
}
