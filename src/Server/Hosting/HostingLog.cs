namespace TaskGrpc.Server.Hosting;

/// <summary>What the host tells the operator. Never a payload.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(107, LogLevel.Warning, "The database did not give the keys, so this server is not ready: {Reason} It asks again until it has them.")]
    public static partial void KeysOutOfReach(this ILogger logger, string reason);

    [LoggerMessage(108, LogLevel.Critical, "The server stops, because the keys that encrypt secrets and seal page tokens cannot be used: {Reason}")]
    public static partial void KeysUnusable(this ILogger logger, string reason);

    [LoggerMessage(109, LogLevel.Warning, "Other users of this machine may read or write {File}. Give it and the files beside it the mode 600.")]
    public static partial void OpenToOthers(this ILogger logger, string file);
}
