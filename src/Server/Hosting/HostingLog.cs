namespace TaskGrpc.Server.Hosting;

/// <summary>The host's log messages. Never a payload.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(
        107, LogLevel.Warning, "The server cannot read its keys from the database, so it is not ready: {Reason} It tries again.")]
    public static partial void KeysOutOfReach(this ILogger logger, string reason);

    [LoggerMessage(
        108, LogLevel.Critical, "The server cannot use the keys that encrypt secrets and page tokens, so it shuts down: {Reason}")]
    public static partial void KeysUnusable(this ILogger logger, string reason);

    [LoggerMessage(
        109,
        LogLevel.Warning,
        "Other users of this machine can read or write {File}. Set the mode of this file and of the files beside it to 600.")]
    public static partial void OpenToOthers(this ILogger logger, string file);
}
